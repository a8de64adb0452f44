using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Pages;

namespace Trunkline.Dashboard;

/// <summary>Signing in by token, and out. What the browser gets is a session, not the token.</summary>
public static class SignInPages
{
    /// <summary>Where to sign in.</summary>
    public const string Address = "/sign-in";

    internal const string OutAddress = "/sign-out";

    private const long FormBytesMax = 64 * 1024;

    internal static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet(Address, ([AsParameters] Look look, string? to = null) => Page(look, to, null));
        pages.MapPost(Address, SignInAsync);
        pages.MapPost(OutAddress, SignOut);
    }

    private static async Task<IResult> SignInAsync([AsParameters] Look look)
    {
        var (context, form) = (look.Context, await Form.ReadAsync(look.Context.Request, FormBytesMax));
        try
        {
            var session = await look.Client.BeginSessionAsync(form.Text("token") ?? "", context.RequestAborted);
            context.Response.Cookies.Append(SessionView.CookieName, session.Session, Cookie(context));
            return Results.Redirect(Own(form.Text("to")));
        }
        catch (TrunklineException refused)
        {
            return Page(look, form.Text("to"), $"{refused.Message} {refused.Remedy}".Trim());
        }
        catch (NodeUnreachableException away)
        {
            return Page(look, form.Text("to"), away.Message);
        }
    }

    private static RedirectHttpResult SignOut(HttpContext context)
    {
        context.Response.Cookies.Delete(SessionView.CookieName, Cookie(context));
        return TypedResults.Redirect(Address);
    }

    // Without an end the browser drops it when it is closed. Lax, so that a link in an alert's mail opens the page; forms of other sites are refused by their origin.
    private static CookieOptions Cookie(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, Path = "/" };

    private static RazorComponentResult<SignInPage> Page(Look look, string? to, string? trouble) => look.Page<SignInPage>(
        new() { [nameof(SignInPage.To)] = Own(to), [nameof(SignInPage.Trouble)] = trouble }, trouble is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);

    /// <summary>An address of this node: a link from elsewhere must not lead on to another.</summary>
    private static string Own(string? to) => to is ['/', not ('/' or '\\'), ..] && !to.Any(char.IsControl) ? to : "/";
}

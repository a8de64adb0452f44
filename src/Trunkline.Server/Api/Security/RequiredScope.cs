using Trunkline.Core.Security;

namespace Trunkline.Server.Api.Security;

/// <summary>Metadata of an endpoint: what a token must permit. Endpoints without it ask for read, and for admin if they write.</summary>
/// <param name="Scopes">The scopes; none for everyone.</param>
public sealed record RequiredScope(Scopes Scopes);

/// <summary>Metadata of an endpoint that is a page: where a browser that shows no token is led.</summary>
/// <param name="Path">The page to sign in at; it gets the address that was asked for as <c>to</c>.</param>
public sealed record SignInPage(string Path);

/// <summary>Marks endpoints.</summary>
public static class RequiredScopeExtensions
{
    /// <summary>Says what a token must permit to reach an endpoint, where tokens are configured.</summary>
    /// <typeparam name="TBuilder">What maps endpoints.</typeparam>
    /// <param name="builder">The endpoint, or the group of them.</param>
    /// <param name="scopes">The scopes; none for everyone.</param>
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scopes));

    /// <summary>Says where a browser that shows no token is led, where tokens are configured.</summary>
    /// <typeparam name="TBuilder">What maps endpoints.</typeparam>
    /// <param name="builder">The page, or the group of them.</param>
    /// <param name="path">The page to sign in at.</param>
    public static TBuilder SignsInAt<TBuilder>(this TBuilder builder, string path)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new SignInPage(path));
}

namespace Trunkline.Client.Api;

/// <summary>Asks for a session.</summary>
/// <param name="Token">A token listed under <c>node.auth</c>.</param>
public sealed record SessionRequest(string? Token);

/// <summary>A browser's session. It permits what its token permits.</summary>
/// <param name="Name">The token's name.</param>
/// <param name="Session">The value of the cookie <see cref="CookieName"/>.</param>
/// <param name="ExpiresAt">Until when it holds at most; it ends with the node's process.</param>
public sealed record SessionView(string Name, string Session, DateTimeOffset ExpiresAt)
{
    /// <summary>The cookie a session travels in.</summary>
    public const string CookieName = "trunkline-session";
}

namespace Trunkline.Core.Security;

/// <summary>Who makes a request: a token's name and scopes, never the token.</summary>
/// <param name="Name">The token's name; <c>local</c> where no tokens are asked for.</param>
/// <param name="Scopes">What it permits.</param>
/// <param name="Owner">The owner it speaks for; null for none.</param>
public sealed record Caller(string Name, Scopes Scopes, string? Owner = null)
{
    /// <summary>Whoever reaches a node that asks for no token (loopback only).</summary>
    public static Caller Local { get; } = new("local", Scopes.Admin | Scopes.Operate | Scopes.Publish | Scopes.Read);

    /// <summary>True if it may speak for an owner: its own, or any with scope admin.</summary>
    public bool SpeaksFor(string owner) => Owner == owner || Scopes.Permits(Scopes.Admin);
}

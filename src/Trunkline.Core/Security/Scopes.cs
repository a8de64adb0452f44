namespace Trunkline.Core.Security;

/// <summary>What a token permits. <see cref="Operate"/> includes <see cref="Read"/>; <see cref="Admin"/> includes all.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading: topics, messages, flows, consuming with a group.</summary>
    Read = 1,

    /// <summary>Publishing messages.</summary>
    Publish = 2,

    /// <summary>Operating: topics, revisions, redrives.</summary>
    Operate = 4,

    /// <summary>Everything.</summary>
    Admin = 8,
}

/// <summary>Reading scopes and what they include.</summary>
public static class ScopeRules
{
    /// <summary>The scopes of these names; unknown names give nothing.</summary>
    public static Scopes Parse(IEnumerable<string> names) =>
        names.Aggregate(Scopes.None, (scopes, name) => scopes | name switch
        {
            "read" => Scopes.Read,
            "publish" => Scopes.Publish,
            "operate" => Scopes.Operate | Scopes.Read,
            "admin" => Scopes.Admin | Scopes.Operate | Scopes.Publish | Scopes.Read,
            _ => Scopes.None,
        });

    /// <summary>True if nothing of <paramref name="required"/> is missing.</summary>
    public static bool Permits(this Scopes held, Scopes required) => (held & required) == required;
}

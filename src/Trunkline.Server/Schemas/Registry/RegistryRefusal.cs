namespace Trunkline.Server.Schemas.Registry;

/// <summary>A request the registry refuses, with the number its API documents.</summary>
internal sealed class RegistryRefusal(int code, string message) : Exception(message)
{
    /// <summary>The number for a schema that earlier ones are incompatible with.</summary>
    public const int Incompatible = 40901;

    /// <summary>The number: HTTP status and two digits more, or the bare status.</summary>
    public int Code => code;

    /// <summary>The HTTP status.</summary>
    public int Status => code > 999 ? code / 100 : code;

    public static RegistryRefusal NoSubject(string subject) => new(40401, $"Subject '{subject}' not found.");

    public static RegistryRefusal NoVersion(int version) => new(40402, $"Version {version} not found.");

    public static RegistryRefusal NoSchema(string what) => new(40403, $"Schema {what} not found");

    public static RegistryRefusal Invalid(string why) => new(42201, why);
}

namespace Trunkline.Server.Schemas.Formats;

/// <summary>Every format of schemas.</summary>
internal static class SchemaFormats
{
    private static readonly ISchemaFormat[] s_all = [new JsonSchemaFormat(), new ProtobufFormat(), new AvroFormat()];

    /// <summary>Their names in the registry's API.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(format => format.Name)];

    /// <summary>The format of a name; null if there is none.</summary>
    public static ISchemaFormat? Find(string name) => Array.Find(s_all, format => format.Name == name);

    /// <summary>The format of a name that was found before, such as that of a registered schema.</summary>
    public static ISchemaFormat Get(string name) => Find(name) ?? throw new InvalidOperationException($"There is no format '{name}'.");
}

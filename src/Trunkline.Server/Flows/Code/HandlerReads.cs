using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Flows.Code;

/// <summary>What a typed handler can read: the members its body is read into. A body that takes anything may read anything.</summary>
internal static class HandlerReads
{
    private const int DepthMax = 6;
    private const int FieldsMax = 1000;

    /// <summary>The fields, as field paths; the empty path alone for the whole message.</summary>
    public static IReadOnlyList<string> Of(Type body, JsonSerializerOptions options)
    {
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        Add("", body, options, fields, 0);
        return [.. fields];
    }

    private static void Add(string path, Type type, JsonSerializerOptions options, SortedSet<string> fields, int depth)
    {
        if (depth == DepthMax || fields.Count >= FieldsMax || !options.TryGetTypeInfo(type, out var info))
        {
            fields.Add(path);
        }
        else if (info is { Kind: JsonTypeInfoKind.Object, Properties.Count: > 0 } && !info.Properties.Any(property => property.IsExtensionData))
        {
            foreach (var property in info.Properties)
            {
                Add(FieldPath.Member(path, property.Name), property.PropertyType, options, fields, depth + 1);
            }
        }
        else if (info is { Kind: JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary, ElementType: { } element })
        {
            Add(FieldPath.Items(path), element, options, fields, depth + 1);
        }
        else
        {
            fields.Add(path);
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Schemas.Evolution;

/// <summary>
/// Makes of a document written with any version of a subject one of a certain version: members that have another name there are renamed, missing ones get their default, what a closed
/// object does not know is left out, numbers become texts and texts that are numbers become numbers where the version asks for it. Thread-safe.
/// </summary>
/// <param name="target">The version's shape.</param>
/// <param name="versions">The shapes of all versions, which know other names.</param>
internal sealed class JsonProjection(JsonShape target, IReadOnlyList<JsonShape> versions)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 1000 };

    /// <summary>The document in the version; the same bytes if nothing is to be done, null if it is no JSON.</summary>
    public ReadOnlyMemory<byte>? Convert(ReadOnlyMemory<byte> document)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(document.Span, null, Options);
        }
        catch (JsonException)
        {
            return null;
        }

        var changed = false;
        node = Value(node, target, versions, ref changed);
        return changed ? JsonSerializer.SerializeToUtf8Bytes(node, JsonSerializerOptions.Default) : document;
    }

    private static JsonNode? Value(JsonNode? node, JsonShape to, IReadOnlyList<JsonShape> known, ref bool changed)
    {
        switch (node)
        {
            case JsonObject members when to.Members.Count > 0 || to.IsClosed:
                Object(members, to, known, ref changed);
                return node;
            case JsonArray items when to.Items is { } item:
                var shapes = known.Select(shape => shape.Items).OfType<JsonShape>().ToList();
                for (var i = 0; i < items.Count; i++)
                {
                    var was = items[i];
                    var now = Value(was, item, shapes, ref changed);
                    if (!ReferenceEquals(was, now))
                    {
                        items[i] = now;
                    }
                }

                return node;
            default:
                return Scalar(node, to, ref changed);
        }
    }

    private static void Object(JsonObject members, JsonShape to, IReadOnlyList<JsonShape> known, ref bool changed)
    {
        foreach (var (name, shape) in to.Members)
        {
            var names = NamesOf(name, to, known);
            if (!members.ContainsKey(name) && names.FirstOrDefault(other => other != name && members.ContainsKey(other) && !to.Members.ContainsKey(other)) is { } renamed)
            {
                var moved = members[renamed];
                members.Remove(renamed);
                members.Add(name, moved);
                changed = true;
            }

            if (members.TryGetPropertyValue(name, out var was))
            {
                var now = Value(was, shape, [.. known.SelectMany(one => names.Where(one.Members.ContainsKey).Select(other => one.Members[other]))], ref changed);
                if (!ReferenceEquals(was, now))
                {
                    members[name] = now;
                }
            }
            else if (shape.Default is { } missing)
            {
                members.Add(name, JsonNode.Parse(missing));
                changed = true;
            }
        }

        if (to.IsClosed)
        {
            foreach (var unknown in members.Select(member => member.Key).Where(name => !to.Members.ContainsKey(name)).ToList())
            {
                members.Remove(unknown);
                changed = true;
            }
        }
    }

    /// <summary>Every name the member has, or had, in any version.</summary>
    private static HashSet<string> NamesOf(string name, JsonShape to, IReadOnlyList<JsonShape> known)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { name };
        for (var before = 0; before != names.Count;)
        {
            before = names.Count;
            foreach (var (other, shape) in known.Append(to).SelectMany(one => one.Members))
            {
                if (shape.Aliases.Count > 0 && (names.Contains(other) || shape.Aliases.Any(names.Contains)))
                {
                    names.Add(other);
                    names.UnionWith(shape.Aliases);
                }
            }
        }

        return names;
    }

    private static JsonNode? Scalar(JsonNode? node, JsonShape to, ref bool changed)
    {
        var kind = node?.GetValueKind() ?? JsonValueKind.Null;
        JsonNode? now = kind switch
        {
            JsonValueKind.Null when !to.Kinds.HasFlag(FieldKinds.Null) && to.Default is { } missing => JsonNode.Parse(missing),
            JsonValueKind.Number when (to.Kinds & (FieldKinds.Integer | FieldKinds.Number)) == FieldKinds.None && to.Kinds.HasFlag(FieldKinds.Text) => JsonValue.Create(node!.ToJsonString()),
            JsonValueKind.String when !to.Kinds.HasFlag(FieldKinds.Text) && Number(node!.GetValue<string>(), to.Kinds) is { } number => number,
            _ => node,
        };
        changed |= !ReferenceEquals(node, now);
        return now;
    }

    private static JsonValue? Number(string text, FieldKinds kinds) =>
        kinds.HasFlag(FieldKinds.Integer) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
        : kinds.HasFlag(FieldKinds.Number) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number)
        : null;
}

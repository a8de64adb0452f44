using System.Globalization;
using System.Text;
using System.Text.Json;
using Trunkline.Messaging;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>What can be told of a message: of its outcome, and of the message itself where that is still there.</summary>
internal static class MessageAttributes
{
    /// <summary>Values of a payload's field, and of headers, that are told apart; a field with more is no attribute.</summary>
    public const int ValuesMax = 30;

    private const int TextMax = 40;
    private const int FieldsMax = 40;
    private const int PayloadMax = 256 * 1024;
    private const string Field = "message.";

    // These may have any number of values: who sends, and what order is kept by.
    private static readonly string[] Unbounded = ["tenant", "key", "source"];

    /// <summary>What its outcome tells.</summary>
    public static void Add(Dictionary<string, string> attributes, in OutcomeRow row)
    {
        Add(attributes, "tenant", row.Context.Tenant);
        Add(attributes, "source", row.Context.Source);
        Add(attributes, "key", row.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null);
        attributes["revision"] = row.Context.Revision.ToString(CultureInfo.InvariantCulture);
        foreach (var model in row.Context.Models)
        {
            var (name, version) = model.Split('=', 2) is [var one, var two] ? (one, two) : (model, "");
            Add(attributes, "version of model " + name, version);
        }
    }

    /// <summary>What the message tells: its size, its type, short values of its first two levels.</summary>
    public static void Add(Dictionary<string, string> attributes, Message message)
    {
        attributes["size"] = SizeOf(message.Payload.Length);
        Add(attributes, "content type", message.ContentType);
        foreach (var header in message.Headers.Where(h => !h.Name.StartsWith("tl-", StringComparison.Ordinal)).Take(FieldsMax))
        {
            // Attributes of CloudEvents are what they are called there; the tenant is among what the outcome tells.
            var name = header.Name.StartsWith("ce_", StringComparison.Ordinal) ? header.Name[3..] : "header " + header.Name;
            if (!Unbounded.Contains(name))
            {
                Add(attributes, name, message.Headers.Text(header.Name));
            }
        }

        if (message.Payload.Length is > 0 and <= PayloadMax)
        {
            AddFields(attributes, message.Payload);
        }
    }

    /// <summary>Takes out what has too many values to say anything.</summary>
    public static void Narrow(IReadOnlyCollection<Dictionary<string, string>> all)
    {
        var wide = all.SelectMany(a => a).Where(a => !Unbounded.Contains(a.Key)).GroupBy(a => a.Key, a => a.Value, StringComparer.Ordinal)
            .Where(g => g.Distinct(StringComparer.Ordinal).Count() > ValuesMax).Select(g => g.Key).ToList();
        foreach (var attributes in all)
        {
            wide.ForEach(name => attributes.Remove(name));
        }
    }

    /// <summary>In steps of four: <c>under 4 KiB</c>, <c>16 KiB to 64 KiB</c>.</summary>
    private static string SizeOf(int bytes)
    {
        var (low, high) = (0, 1024);
        while (bytes >= high && high < 1 << 28)
        {
            (low, high) = (high, high * 4);
        }

        return low == 0 ? "under 1 KiB" : FormattableString.Invariant($"{low / 1024} to {high / 1024} KiB");
    }

    private static void AddFields(Dictionary<string, string> attributes, ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                AddFields(attributes, json.RootElement, Field, depth: 1);
            }
        }
        catch (JsonException)
        {
            attributes["content"] = "no JSON";
        }
    }

    private static void AddFields(Dictionary<string, string> attributes, JsonElement of, string path, int depth)
    {
        foreach (var field in of.EnumerateObject().Take(FieldsMax))
        {
            var name = path + field.Name;
            switch (field.Value.ValueKind)
            {
                case JsonValueKind.String:
                    Add(attributes, name, field.Value.GetString());
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                    Add(attributes, name, field.Value.GetRawText());
                    break;
                case JsonValueKind.Object when depth < 2:
                    AddFields(attributes, field.Value, name + ".", depth + 1);
                    break;
            }
        }
    }

    /// <summary>Long texts are what people wrote, not what a message is.</summary>
    private static void Add(Dictionary<string, string> attributes, string name, string? value)
    {
        if (value is { Length: > 0 and <= TextMax } && name.Length <= 2 * TextMax)
        {
            attributes[name] = value;
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>join</c>: messages of a key, one of each sort, go on together.</summary>
/// <param name="config">How.</param>
internal sealed class JoinStep(JoinStepConfig config) : GatherStep(config.Name, config.Within)
{
    private readonly PreparedExpression _by = ExpressionSyntax.Prepare(config.By);

    /// <inheritdoc/>
    protected override bool End(MessageRun run, ReadOnlyMemory<byte> held)
    {
        if (held.IsEmpty)
        {
            return false;
        }

        if (!config.GoesOnWithout)
        {
            run.State.Clear();
            return false;
        }

        GoOn(run, Write(Parts(held), withMissing: true));
        return true;
    }

    /// <inheritdoc/>
    protected override bool Take(MessageRun run, ReadOnlyMemory<byte> held)
    {
        var parts = Parts(held);
        parts[SortOf(run)] = run.Body.Write();
        var all = Write(parts, withMissing: false);
        if (parts.Count == config.Of.Count)
        {
            GoOn(run, all);
            return true;
        }

        return TryWait(run, all, isFirst: held.IsEmpty)
            ? false
            : throw new StepException(new StepFault("state.too-large", Name, "What waits for the other sorts is larger than the 64 KiB a key may have.", FaultClass.Terminal));
    }

    private string SortOf(MessageRun run)
    {
        using var sort = JsonDocument.Parse(run.Body.WriteUnlessNull(_by) ?? "null"u8.ToArray());
        return sort.RootElement.ValueKind == JsonValueKind.String && sort.RootElement.GetString() is { } text && config.Of.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new StepException(new StepFault("step.join-unknown", Name, $"The message is of none of the sorts {string.Join(", ", config.Of)}.", FaultClass.Terminal));
    }

    private Dictionary<string, byte[]> Parts(ReadOnlyMemory<byte> held)
    {
        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (held.IsEmpty)
        {
            return parts;
        }

        using var document = JsonDocument.Parse(held);
        foreach (var sort in config.Of)
        {
            // What waits of a sort the flow has no more is left out.
            if (document.RootElement.TryGetProperty(sort, out var part))
            {
                parts[sort] = Encoding.UTF8.GetBytes(part.GetRawText());
            }
        }

        return parts;
    }

    private ReadOnlyMemory<byte> Write(Dictionary<string, byte[]> parts, bool withMissing)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        foreach (var sort in config.Of)
        {
            if (parts.TryGetValue(sort, out var part))
            {
                json.WritePropertyName(sort);
                json.WriteRawValue(part, skipInputValidation: true);
            }
            else if (withMissing)
            {
                json.WriteNull(sort);
            }
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}

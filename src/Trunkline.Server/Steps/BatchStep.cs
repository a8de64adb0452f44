using System.Text.Json;

namespace Trunkline.Server.Steps;

/// <summary><c>batch</c>: bodies of a key go on together, as a list.</summary>
/// <param name="name">The step.</param>
/// <param name="size">How many at most.</param>
/// <param name="within">How long the first waits at most.</param>
internal sealed class BatchStep(string name, int size, TimeSpan within) : GatherStep(name, within)
{
    /// <inheritdoc/>
    protected override bool End(MessageRun run, ReadOnlyMemory<byte> held)
    {
        if (held.IsEmpty)
        {
            return false;
        }

        GoOn(run, held);
        return true;
    }

    /// <inheritdoc/>
    protected override bool Take(MessageRun run, ReadOnlyMemory<byte> held)
    {
        var body = run.Body.Write();
        var list = Append(held.Span, body);
        var isFull = CountOf(list) >= size;
        if (!isFull && TryWait(run, list, isFirst: held.IsEmpty))
        {
            return false;
        }

        if (isFull || held.IsEmpty)
        {
            GoOn(run, list);
            return true;
        }

        // They fill the state: those before it go, and it begins the next list. One too large for a list of its own goes with them.
        GoOn(run, held);
        if (!TryWait(run, Append([], body), isFirst: true))
        {
            GoOn(run, list);
        }

        return true;
    }

    private static byte[] Append(ReadOnlySpan<byte> list, ReadOnlySpan<byte> body) =>
        list.IsEmpty ? [(byte)'[', .. body, (byte)']'] : [.. list[..^1], (byte)',', .. body, (byte)']'];

    private static int CountOf(ReadOnlySpan<byte> list)
    {
        var reader = new Utf8JsonReader(list);
        reader.Read();
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count;
    }
}

using System.Threading.Channels;
using Trunkline.Client.Api;

namespace Trunkline.Server.Taps;

/// <summary>One reader of what passes a flow. What it is too slow for is left out and counted. Thread-safe.</summary>
/// <param name="step">Only this step; null for all.</param>
/// <param name="showValues">Whether bodies carry values.</param>
internal sealed class Tap(string? step, bool showValues)
{
    /// <summary>Events that wait for the reader at most.</summary>
    public const int WaitingMax = 256;

    /// <summary>Larger bodies are left out, and said to be.</summary>
    public const int BodyBytesMax = 64 * 1024;

    private readonly Channel<TapEventView> _waiting = Channel.CreateBounded<TapEventView>(WaitingMax);
    private long _missed;

    /// <summary>Whether bodies carry values.</summary>
    public bool ShowValues => showValues;

    /// <summary>What waits.</summary>
    public ChannelReader<TapEventView> Reader => _waiting.Reader;

    /// <summary>Whether it wants to see this step, and has room; what it has no room for is counted without being made.</summary>
    public bool Wants(string seen)
    {
        if (step is not null && step != seen)
        {
            return false;
        }

        if (_waiting.Reader.Count < WaitingMax)
        {
            return true;
        }

        Interlocked.Increment(ref _missed);
        return false;
    }

    /// <summary>Hands in an event.</summary>
    public void Show(TapEventView seen)
    {
        var missed = Interlocked.Exchange(ref _missed, 0);
        if (!_waiting.Writer.TryWrite(missed == 0 ? seen : seen with { Missed = missed }))
        {
            // Another lane took the last place between the look and the writing.
            Interlocked.Add(ref _missed, missed + 1);
        }
    }
}

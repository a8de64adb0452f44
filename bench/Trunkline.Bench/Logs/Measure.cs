using System.Diagnostics;

namespace Trunkline.Bench.Logs;

/// <summary>One timed run: messages acknowledged and, for a sample of acknowledgements, how long they took.</summary>
internal sealed class Measure(double seconds)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private readonly long[] _ticks = new long[1 << 16];
    private long _messages;
    private int _samples;

    /// <summary>True while the run goes on.</summary>
    public bool Runs => Stopwatch.GetElapsedTime(_start).TotalSeconds < seconds;

    public void Acknowledged(int messages, long since)
    {
        Interlocked.Add(ref _messages, messages);
        var index = Interlocked.Increment(ref _samples) - 1;
        if (index < _ticks.Length)
        {
            _ticks[index] = Stopwatch.GetTimestamp() - since;
        }
    }

    public Outcome End()
    {
        var elapsed = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var taken = _ticks.AsSpan(0, Math.Min(_samples, _ticks.Length));
        taken.Sort();
        double At(Span<long> sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * share)] * 1e6 / Stopwatch.Frequency;
        return new Outcome(_messages / elapsed, At(taken, 0.5), At(taken, 0.99), _messages, (Environment.CpuUsage.TotalTime - _cpu).TotalMicroseconds / Math.Max(1, _messages));
    }
}

/// <summary>What a run gave; <paramref name="Cpu"/> is the processor time of this process in µs a message, which other load on the machine changes least.</summary>
internal sealed record Outcome(double PerSecond, double P50, double P99, long Messages, double Cpu);

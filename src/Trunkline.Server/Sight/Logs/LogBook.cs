using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Trunkline.Core.Config;

namespace Trunkline.Server.Sight.Logs;

/// <summary>
/// Takes what the node logs, and lines that other services tell, until they are kept. Whoever logs never waits: beyond <see cref="Capacity"/> lines the oldest go, and their number
/// is told. Lines of others wait apart, so that they push out none of the node's own: what finds no room is refused. Thread-safe.
/// </summary>
internal sealed class LogBook : ILoggerProvider
{
    /// <summary>Lines that may wait to be kept.</summary>
    public const int Capacity = 8192;

    /// <summary>Characters that lines of others may have while they wait: a request of the greatest size always fits alone.</summary>
    public const long OthersMax = 20_000_000;

    // What a line costs besides its text.
    private const int LineCost = 256;

    private readonly Channel<LogLine> _lines;
    private readonly ConcurrentQueue<LogLine> _others = new();
    private readonly TimeProvider _time;
    private long _lost;
    private long _othersCost;

    public LogBook(TimeProvider time)
    {
        _time = time;
        _lines = Channel.CreateBounded<LogLine>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _lost));
    }

    /// <summary>Takes a line.</summary>
    public void Add(LogLine line) => _lines.Writer.TryWrite(line.Text.Length <= LogLine.TextMax ? line : line with { Text = Printable.Show(line.Text, LogLine.TextMax - 1) });

    /// <summary>Takes lines of other services: all or none.</summary>
    public bool TryAdd(IReadOnlyCollection<LogLine> others)
    {
        var cost = others.Sum(CostOf);
        if (Interlocked.Add(ref _othersCost, cost) > OthersMax && cost > 0)
        {
            Interlocked.Add(ref _othersCost, -cost);
            return false;
        }

        foreach (var line in others)
        {
            _others.Enqueue(line);
        }

        return true;
    }

    /// <summary>Gives out what waits, the node's own first, oldest first.</summary>
    /// <param name="max">Most lines.</param>
    public List<LogLine> Take(int max)
    {
        var taken = new List<LogLine>();
        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            taken.Add(new LogLine(_time.GetUtcNow(), LogLevel.Warning, typeof(LogBook).Namespace!, string.Create(CultureInfo.InvariantCulture, $"{lost} lines came faster than they could be kept and were lost.")));
        }

        while (taken.Count < max && _lines.Reader.TryRead(out var line))
        {
            taken.Add(line);
        }

        while (taken.Count < max && _others.TryDequeue(out var line))
        {
            Interlocked.Add(ref _othersCost, -CostOf(line));
            taken.Add(line);
        }

        return taken;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static long CostOf(LogLine line) => LineCost + line.Text.Length;

    private sealed class Writer(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // Of an exception only its kind: its text may hold what it failed at.
            var text = formatter(state, null) + (exception is null ? "" : $" [{exception.GetType().Name}]");
            var line = new LogLine(book._time.GetUtcNow(), logLevel, category, text) { Trace = Activity.Current?.TraceId.ToHexString() };
            book.Add(state is IReadOnlyList<KeyValuePair<string, object?>> values ? values.Aggregate(line, With) : line);
        }

        private static LogLine With(LogLine line, KeyValuePair<string, object?> value) => (value.Key, value.Value) switch
        {
            ("Flow", string flow) => line with { Flow = flow },
            ("Message", string message) => line with { Message = message },
            ("KeyMark", string mark) => line with { KeyMark = mark },
            ("Trace", string trace) => line with { Trace = trace },
            _ => line,
        };
    }
}

using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Tests.Api;

/// <summary>Keeps a node's log lines, and shows them with the test that was running when they came.</summary>
internal sealed class TestLogs : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}";
        lock (_lines)
        {
            _lines.Add(line);
        }

        _output?.WriteLine(line);
    }

    public void Dispose()
    {
    }
}

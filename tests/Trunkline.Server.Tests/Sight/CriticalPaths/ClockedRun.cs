using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Core.Limits;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>What comes to a flow, and by how many it is worked on. Equal loads are equal to the millisecond.</summary>
/// <param name="Messages">How many.</param>
/// <param name="Lanes">The flow's lanes.</param>
/// <param name="GapMs">Milliseconds between two, on average; they come as customers do, each for itself.</param>
internal sealed record ClockedLoad(int Messages, int Lanes, double GapMs)
{
    /// <summary>Between how many keys they are spread; 0 for none.</summary>
    public int Keys { get; init; }

    /// <summary>Room at the model that is asked; 0 if it is a step that works.</summary>
    public int Room { get; init; }

    /// <summary>Of 100 traces so many are kept.</summary>
    public int Sampled { get; init; } = 100;

    public string Owner => Room > 0 ? "model.reply" : "step.work";
}

/// <summary>
/// A real flow on a clock that is moved by hand: its lanes, keys, commits and limits are those of every node, but a second of its work passes as fast as the
/// machine can. What takes time is drawn from the message's number, so that a load comes again as it was.
/// </summary>
internal sealed class ClockedRun : IDisposable
{
    private static readonly DateTimeOffset Start = new(2031, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan StepMax = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SettleMax = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan IdleLook = TimeSpan.FromMilliseconds(150);

    private readonly ClockedLoad _load;
    private readonly double _factor;
    private readonly FakeTimeProvider _time = new(Start);
    private readonly CallLimiter? _room;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<bool, DateTimeOffset> _dues = new();
    private readonly List<TraceSpan> _spans = [];
    private readonly TryBook _book = new();
    private readonly ActivityListener _listener = new() { ShouldListenTo = source => source.Name == TelemetryNames.Source };
    private int _done;
    private int _idle;

    private ClockedRun(ClockedLoad load, double factor)
    {
        (_load, _factor) = (load, factor);
        _room = load.Room == 0 ? null : new CallLimiter(new ConcurrencySettings { Min = load.Room, Max = load.Room, Start = load.Room }, null, _time);
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _room?.Dispose();
    }

    /// <summary>Runs a load with so much of its work's time, and gives the ways that are kept and all tries.</summary>
    public static async Task<FlowRunSeen> OfAsync(ClockedLoad load, double factor)
    {
        using var run = new ClockedRun(load, factor);
        using var wanted = TelemetrySource.Want(_ => false, new SpanKeeper(run.ShareOf, run.Keep) { Note = run.Note });
        await run.RunAsync();
        return new FlowRunSeen(FlowWays.Of("f", run._spans, _ => true), run._book.Read());
    }

    private async Task RunAsync()
    {
        await using var fixture = new FlowFixture(time: _time) { Lanes = _load.Lanes };
        await fixture.CreateTopicsAsync(1);

        // On a thread of its own, so that those of the pool are at rest when the flow is.
        await Task.Factory.StartNew(() => Drive(fixture), FlowFixture.Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await fixture.HoldsAsync("out", _load.Messages);
    }

    private void Drive(FlowFixture fixture)
    {
        _idle = Idle();
        fixture.Start(new FuncPipelines(WorkAsync, "out"));
        Settle();
        var (number, random, next) = (0, new Random(7), Start);
        while (Volatile.Read(ref _done) < _load.Messages)
        {
            AdvanceTo(number < _load.Messages ? next : DateTimeOffset.MaxValue);
            if (_time.GetUtcNow() == next && number < _load.Messages)
            {
                var key = _load.Keys == 0 ? null : $"k{random.Next(_load.Keys)}";
                var append = fixture.Broker.AppendAsync(new TopicAppend { Topic = "in", Messages = [FlowFixture.Text(key, number.ToString(CultureInfo.InvariantCulture))] }, FlowFixture.Cancel);
                append.AsTask().Wait(FlowFixture.Cancel);
                number++;
                next += TimeSpan.FromMilliseconds(Math.Round(-Math.Log(1 - random.NextDouble()) * _load.GapMs));
            }

            Settle();
        }
    }

    /// <summary>To the next that is due, or to a step on the way there: timers of the flow itself are not known here.</summary>
    private void AdvanceTo(DateTimeOffset next)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            while (_dues.TryPeek(out _, out var due) && due <= now)
            {
                _dues.Dequeue();
            }

            next = _dues.TryPeek(out _, out var first) && first < next ? first : next;
        }

        var step = next - now;
        _time.Advance(step < StepMax ? step : StepMax);
    }

    /// <summary>Waits until the flow has done what it can at this time: no more threads of the pool work than before it began, and nothing waits for one.</summary>
    private void Settle()
    {
        var since = Stopwatch.GetTimestamp();
        for (var quiet = 0; quiet < 3; quiet = Busy() <= _idle && ThreadPool.PendingWorkItemCount == 0 ? quiet + 1 : 0)
        {
            Thread.Yield();
            Assert.True(Stopwatch.GetElapsedTime(since) < SettleMax, "the flow does not come to rest");
        }
    }

    private static int Busy()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        return most - free;
    }

    /// <summary>Threads of the pool that are never at rest, whatever the flow does.</summary>
    private static int Idle()
    {
        var (since, fewest) = (Stopwatch.GetTimestamp(), int.MaxValue);
        while (Stopwatch.GetElapsedTime(since) < IdleLook)
        {
            Thread.Yield();
            fewest = Math.Min(fewest, Busy());
        }

        return fewest;
    }

    private async ValueTask<PipelineResult> WorkAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var number = int.Parse(Encoding.UTF8.GetString(input.Stored.Message.Payload.Span), CultureInfo.InvariantCulture);
        var takes = TimeSpan.FromMilliseconds(Math.Round((60 + new Random(number).Next(80)) * _factor));
        using var part = input.Span!.Begin(_room is null ? "step work" : "chat reply", ActivityKind.Client)!;
        using var permit = _room is null ? null : await AskAsync(_room, part, cancellationToken);
        await SleepAsync(takes, cancellationToken);
        permit?.Complete(CallResult.Answered);
        part.Done();
        Interlocked.Increment(ref _done);
        return FuncPipelines.Delivered(input);
    }

    private async ValueTask<Permit?> AskAsync(CallLimiter room, SpanPart part, CancellationToken cancellationToken)
    {
        part.Tag(SpanNames.GenAiModel, "reply");
        var asked = _time.GetTimestamp();
        var admission = await room.EnterAsync(new WorkShare("", WorkShare.PriorityDefault), int.MaxValue, cancellationToken);
        part.Tag(SpanNames.ModelWait, _time.GetElapsedTime(asked).TotalSeconds);
        return admission.Permit;
    }

    private Task SleepAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var sleep = Task.Delay(length, _time, cancellationToken);
        lock (_lock)
        {
            _dues.Enqueue(true, _time.GetUtcNow() + length);
        }

        return sleep;
    }

    private double ShareOf(TraceMark mark) => mark.Half % 100 < (ulong)_load.Sampled ? 1 : 0;

    private void Keep(MessageSpan tried)
    {
        lock (_lock)
        {
            _spans.AddRange(KeptSpans.Of(tried).Where(s => s.Start >= TraceTime.Of(Start)));
        }
    }

    private void Note(TryTimes tried)
    {
        if (tried.Came >= Start.UtcTicks)
        {
            _book.Note(tried);
        }
    }
}

/// <summary>What a node keeps of a run.</summary>
internal sealed record FlowRunSeen(IReadOnlyList<FlowWay> Ways, IReadOnlyList<KeptTries> Tries)
{
    public double Quantile(double quantile) => TraceTime.Milliseconds(WhatIf.At([.. Ways.Select(w => w.Graph.Length).Order()], quantile));
}

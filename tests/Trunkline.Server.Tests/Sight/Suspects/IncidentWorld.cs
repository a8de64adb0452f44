using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.CriticalPaths;
using Trunkline.Server.Sight.Suspects;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>
/// A flow in which something may happen: messages come for twenty minutes and wait for four lanes and their key, ask two models, are committed, and wait for a
/// webhook. What comes about by waiting comes about here as it does in a node; what happens is written as what messages are, take, and fail by.
/// </summary>
internal sealed class IncidentWorld(int seed)
{
    /// <summary>Seconds before now at which the looks begin, and all of it.</summary>
    public const double Begin = -1200;

    public const double Whole = -300;
    public const double Moment = -60;

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly FlowConfig Flow = Projects.Valid("""
        topics: { in: {}, out: {} }
        models: { spam: { kind: lexicon }, reply: { kind: openai, endpoint: "https://a.example/v1", model: m } }
        flows:
          triage:
            from: { topic: in }
            steps: [ { infer: { model: spam, input: message.text, output: spam } }, { infer: { model: reply, input: message.text, output: reply } } ]
            to: [ { topic: out }, { webhook: { url: "https://b.example" } } ]
        """).Flows["triage"];

    private const int Lanes = 4;
    private const int AttemptsMax = 3;

    private readonly Random _random = new(seed);
    private readonly IncidentFigures _figures = new();
    private readonly List<TryTimes> _tries = [];
    private readonly List<TryTimes> _sent = [];
    private readonly List<SeenMessage> _seen = [];
    private readonly List<(IncidentMessage Message, double At, bool Goes)> _toSend = [];

    /// <summary>Messages a second.</summary>
    public Func<double, double> Rate { get; set; } = _ => 4;

    /// <summary>What is changed about a message as it comes.</summary>
    public Action<IncidentMessage> Comes { get; set; } = _ => { };

    public Func<IncidentMessage, double> Own { get; set; } = _ => 0.005;

    public Func<IncidentMessage, double> Spam { get; set; } = _ => 0.004;

    public Func<IncidentMessage, double> Reply { get; set; } = _ => 0.2;

    /// <summary>The wait for room at the reply model.</summary>
    public Func<IncidentMessage, double> Room { get; set; } = _ => 0.001;

    public Func<IncidentMessage, double> Commit { get; set; } = _ => 0.003;

    public Func<IncidentMessage, double> Hook { get; set; } = _ => 0.05;

    /// <summary>How a try fails, by the message and which try it is: of the steps, the reply model, the webhook; null if it does not.</summary>
    public Func<IncidentMessage, int, string?> StepFault { get; set; } = (_, _) => null;

    public Func<IncidentMessage, int, string?> ReplyFault { get; set; } = (_, _) => null;

    public Func<IncidentMessage, int, string?> HookFault { get; set; } = (_, _) => null;

    public FlowSnapshot? Snapshot { get; set; }

    /// <summary>What is measured beside what the messages of this flow do.</summary>
    public Action<IncidentFigures> Beside { get; set; } = _ => { };

    /// <summary>Lets it all happen.</summary>
    public WhyFacts Run()
    {
        Work();
        Beside(_figures);
        static DateTimeOffset since(double seconds) => Now.AddSeconds(seconds);
        HopSide side(double from, double until) => new(Flow, _figures.Of(from, until));
        var seen = new SeenMessages([.. _seen.Where(m => m.At >= since(Whole) && m.At <= Now)], [.. _seen.Where(m => m.At < since(Whole))]);
        return new WhyFacts(
            Flow,
            Snapshot,
            new WhyLook(since(Whole), side(Whole, 0), side(Begin, Whole), since(Begin)),
            new WhyLook(since(Moment), side(Moment, 0), side(Begin, 2 * Moment), since(Begin)),
            ServiceTimes.Add(seen, Flow.Name, [.. new[] { _tries, _sent }.Where(t => t.Count > 0).Select(Kept)]));
    }

    private static KeptTries Kept(List<TryTimes> tries) => new([.. tries.OrderBy(t => t.Ended).TakeLast(TryBook.EachMax)], tries.Count > TryBook.EachMax ? tries.OrderBy(t => t.Ended).ElementAt(tries.Count - TryBook.EachMax - 1).Ended : 0);

    private void Work()
    {
        var due = new PriorityQueue<(IncidentMessage Message, int Attempt, bool Ends), double>();
        var (waiting, held, busy, offset) = (new LinkedList<(IncidentMessage Message, int Attempt, double Since)>(), new HashSet<string>(), 0, 0L);
        for (var at = Begin; at < 0; at += -Math.Log(1 - _random.NextDouble()) / Rate(at))
        {
            var message = new IncidentMessage(offset++, at, _random);
            Comes(message);
            _figures.Count(at, TelemetryNames.PublishedMessages, "in", "", "stored");
            due.Enqueue((message, 1, false), at);
        }

        while (due.TryDequeue(out var next, out var at) && at <= 0)
        {
            if (next.Ends)
            {
                busy--;
                held.Remove(next.Message.Key);
            }
            else
            {
                waiting.AddLast((next.Message, next.Attempt, at));
            }

            for (var one = waiting.First; one is not null && busy < Lanes;)
            {
                var following = one.Next;
                if (held.Add(one.Value.Message.Key))
                {
                    waiting.Remove(one);
                    busy++;
                    var (ended, again) = Try(one.Value.Message, one.Value.Attempt, (one.Value.Since, at));
                    due.Enqueue((one.Value.Message, 0, true), ended);
                    if (again)
                    {
                        due.Enqueue((one.Value.Message, one.Value.Attempt + 1, false), ended + 1);
                    }
                }

                one = following;
            }
        }

        Carry();
    }

    private (double Ended, bool Again) Try(IncidentMessage message, int attempt, (double Came, double Began) at)
    {
        var (own, spam, room, reply) = (About(Own(message)), About(Spam(message)), About(Room(message)), About(Reply(message)));
        var (stepFault, replyFault) = (StepFault(message, attempt), ReplyFault(message, attempt));
        var asks = stepFault is null;
        var isCalled = asks && replyFault?.StartsWith("step.", StringComparison.Ordinal) != true;
        var asked = at.Began + own + spam;
        var ended = asked + (asks ? room : 0) + (isCalled ? reply : 0);
        if (attempt == 1)
        {
            _figures.Time(at.Began, TelemetryNames.QueueWait, "triage", "in", at.Began - at.Came);
        }

        _figures.Time(ended, TelemetryNames.HopDuration, "triage", "in", ended - at.Began);
        _figures.Called(asked, "spam", null, spam);
        if (asks)
        {
            _figures.Time(asked, TelemetryNames.ModelWait, "reply", "triage", room);
        }

        if (isCalled)
        {
            _figures.Called(ended, "reply", replyFault, reply);
        }

        _tries.Add(Times(null, message, (at.Came, at.Began, ended)) with
        {
            Parts = asks ? [Part("spam", at.Began + own, asked, 0), Part("reply", asked, ended, isCalled ? room : ended - asked)] : [Part("spam", at.Began + own, asked, 0)],
        });
        var fault = stepFault ?? (replyFault is null || replyFault.StartsWith("step.", StringComparison.Ordinal) ? replyFault : "step.model-" + replyFault);
        return (ended, Finish(message, attempt, ended, (fault, stepFault is null ? "infer-2" : "parse-1")));
    }

    private bool Finish(IncidentMessage message, int attempt, double ended, (string? Fault, string Step) of)
    {
        if (of.Fault is { } cause && attempt < AttemptsMax)
        {
            _figures.Count(ended, TelemetryNames.Retries, "triage", of.Step, cause);
            return true;
        }

        _figures.Count(ended, TelemetryNames.HopMessages, "triage", "in", of.Fault is null ? "delivered" : "dead");
        if (of.Fault is { } last)
        {
            _figures.Count(ended, TelemetryNames.DeadLetters, "triage", of.Step, last);
        }

        var commit = About(Commit(message));
        _figures.Time(ended, TelemetryNames.CommitDuration, "triage", "in", commit);
        _seen.Add(new SeenMessage($"m{message.Offset}", Now.AddSeconds(ended + commit), TimeSpan.FromSeconds(ended + commit - message.At), of.Fault is null && attempt == 1 ? null : HopSide.Steps, of.Fault, message.Attributes)
        {
            Place = new Position(0, message.Offset),
        });
        _toSend.Add((message, ended + commit, of.Fault is null));
        return false;
    }

    /// <summary>The outbox: two at once, tried again after a second.</summary>
    private void Carry()
    {
        var due = new PriorityQueue<(int Place, int Attempt), double>();
        for (var i = 0; i < _toSend.Count; i++)
        {
            if (_toSend[i].Goes)
            {
                due.Enqueue((i, 1), _toSend[i].At);
            }
        }

        var free = new PriorityQueue<int, double>([(0, Begin), (1, Begin)]);
        while (due.TryDequeue(out var next, out var at) && at <= 0)
        {
            var message = _toSend[next.Place].Message;
            free.TryDequeue(out var lane, out var from);
            var began = Math.Max(at, from);
            var ended = began + About(Hook(message));
            free.Enqueue(lane, ended);
            if (next.Attempt == 1)
            {
                _figures.Time(began, TelemetryNames.QueueWait, "triage", "webhook-1", began - at);
            }

            _figures.Time(ended, TelemetryNames.HopDuration, "triage", "webhook-1", ended - began);
            _sent.Add(Times("webhook-1", message, (at, began, ended)));
            var fault = HookFault(message, next.Attempt);
            if (fault is not null && next.Attempt < AttemptsMax)
            {
                _figures.Count(ended, TelemetryNames.Retries, "triage", "webhook-1", fault);
                due.Enqueue((next.Place, next.Attempt + 1), ended + 1);
                continue;
            }

            _figures.Count(ended, TelemetryNames.HopMessages, "triage", "webhook-1", fault is null ? "delivered" : "dead");
            var seen = _seen[next.Place];
            _seen[next.Place] = seen with
            {
                At = Now.AddSeconds(ended),
                Took = TimeSpan.FromSeconds(ended - message.At),
                FailedAt = fault is null && next.Attempt == 1 ? seen.FailedAt : "webhook-1",
                Cause = fault ?? seen.Cause,
            };
        }
    }

    private static TryTimes Times(string? sink, IncidentMessage message, (double Came, double Began, double Ended) at) =>
        new("triage", sink, "in", new Position(0, message.Offset), default) { Key = null, Came = Ticks(at.Came), Began = Ticks(at.Began), Ended = Ticks(at.Ended), Waits = true };

    private static TryPart Part(string model, double began, double ended, double waited) => new("infer " + model, model, -1, Ticks(began), Ticks(ended), (long)(waited * TimeSpan.TicksPerSecond));

    private static long Ticks(double at) => Now.AddSeconds(at).UtcTicks;

    private double About(double seconds) => seconds * Math.Exp((_random.NextDouble() - 0.5) * 1.2);
}

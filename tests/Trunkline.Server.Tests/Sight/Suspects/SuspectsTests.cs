using Trunkline.Client.Api;
using Trunkline.Core.Limits;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Suspects;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>Scripted incidents: the true cause comes first, and where there is none nothing is said.</summary>
public sealed class SuspectsTests
{
    private static readonly EvidenceView Late = new("the promise is broken", "/slo");

    private static readonly FlowConfig Flow = Projects.Valid("""
        topics: { in: {}, out: {} }
        models: { spam: { kind: lexicon }, reply: { kind: openai, endpoint: "https://a.example/v1", model: m } }
        flows:
          triage:
            from: { topic: in }
            steps: [ { infer: { model: spam, input: message.text, output: spam } }, { infer: { model: reply, input: message.text, output: reply } } ]
            to: [ { topic: out }, { webhook: { url: "https://b.example" } } ]
        """).Flows["triage"];

    public static TheoryData<string, string> Incidents => new()
    {
        { "reply slower", "model reply slower" },
        { "reply slower, messages wait", "model reply slower" },
        { "spam slower", "model spam slower" },
        { "steps slower", "steps slower" },
        { "webhook slower, its outbox waits", "sink webhook-1 slower" },
        { "webhook fails", "sink webhook-1 failing" },
        { "reply fails, messages die", "model reply failing" },
        { "steps fail", "steps failing" },
        { "commit slower, messages wait", "commit slower" },
        { "load", "load load" },
        { "load, and the model is a little slower by it", "load load" },
        { "reply a little slower, and messages wait far longer", "model reply slower" },
        { "lanes too few", "topic in waiting" },
        { "webhook paused", "sink webhook-1 stopped" },
        { "flow stopped", "steps stopped" },
        { "reply waits for room", "room at model reply waiting" },
        { "reply always slow", "model reply bound" },
        { "one in ten slower", "model reply slower" },
        { "nothing", "" },
        { "nothing, few messages", "" },
        { "nothing, noise of a fifth", "" },
        { "nothing, twice the load, nobody waits", "" },
    };

    [Theory]
    [MemberData(nameof(Incidents))]
    public void The_true_cause_comes_first_and_nobody_is_accused_where_there_is_none(string incident, string expected)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var (now, usual) = (new Script(seed), new Script(seed + 100));
            FlowSnapshot? snapshot = null;
            var isLate = false;
            switch (incident)
            {
                case "reply slower": now.Reply *= 5; break;
                case "reply slower, messages wait": (now.Reply, now.Queue) = (now.Reply * 5, now.Queue * 40); break;
                case "spam slower": now.Spam *= 60; break;
                case "steps slower": now.Own += 0.4; break;
                case "webhook slower, its outbox waits": (now.Hook, now.Outbox) = (now.Hook * 20, now.Outbox * 300); break;
                case "webhook fails": now.HookFailures = 300; break;
                case "reply fails, messages die": (now.ReplyFailures, now.Dead) = (400, 300); break;
                case "steps fail": now.Dead = 100; break;
                case "commit slower, messages wait": (now.Commit, now.Queue) = (now.Commit * 100, now.Queue * 50); break;
                case "load": (now.Messages, now.Queue) = (now.Messages * 3, now.Queue * 100); break;
                case "load, and the model is a little slower by it": (now.Messages, now.Queue, now.Reply) = (now.Messages * 3, now.Queue * 300, now.Reply * 2.5); break;
                case "reply a little slower, and messages wait far longer": (now.Reply, now.Queue, now.Room) = (now.Reply * 2, now.Queue * 1000, 3); break;
                case "lanes too few": now.Queue *= 100; break;
                case "webhook paused": snapshot = Snapshot(FlowState.Running, paused: true); now.Outbox *= 500; break;
                case "flow stopped": snapshot = Snapshot(FlowState.Failed, paused: false); now.Messages = 0; break;
                case "reply waits for room": now.Room += 2; break;
                case "reply always slow": (now.Reply, usual.Reply, isLate) = (2, 2, true); break;
                case "one in ten slower": now.SlowShare = 0.15; break;
                case "nothing, few messages": (now.Messages, now.Reply) = (10, 3); break;
                case "nothing, noise of a fifth": (now.Reply, now.Queue, now.Hook) = (now.Reply * 1.2, now.Queue * 1.2, now.Hook * 0.8); break;
                case "nothing, twice the load, nobody waits": now.Messages *= 2; break;
            }

            var suspects = SuspectRanking.Rank(new HopSide(Flow, now.Figures()), new HopSide(Flow, usual.Figures()), snapshot, isLate ? Late : null);
            Assert.Equal(expected, suspects is [var first, ..] ? $"{first.Hop} {first.Kind}" : "");
            Assert.All(suspects, s => Assert.NotEmpty(s.Evidence));
        }
    }

    [Fact]
    public void Two_causes_are_both_named_before_what_they_bring_about()
    {
        var now = new Script(1) { HookFailures = 300, Queue = 3 };
        now.Reply *= 5;
        var suspects = SuspectRanking.Rank(new HopSide(Flow, now.Figures()), new HopSide(Flow, new Script(2).Figures()), null, null);
        Assert.Equal(["sink webhook-1 failing", "model reply slower"], suspects.Select(s => $"{s.Hop} {s.Kind}"));
    }

    [Fact]
    public void Without_a_time_before_only_what_takes_most_of_the_time_of_a_late_flow_is_named()
    {
        var side = new HopSide(Flow, new Script(1) { Reply = 2 }.Figures());
        Assert.Equal("model reply", Assert.Single(SuspectRanking.Rank(side, null, null, Late)).Hop);
        Assert.Empty(SuspectRanking.Rank(side, null, null, null));
    }

    internal static FlowSnapshot Snapshot(FlowState state, bool paused) => new()
    {
        Name = "triage",
        State = state,
        Revision = 1,
        Source = "topic:in",
        InFlight = 0,
        HeldBack = 0,
        ParkedKeys = 0,
        Delayed = 0,
        Counts = new FlowCounts(),
        Stopped = [],
        Sinks =
        [
            new SinkSnapshot
            {
                Name = "webhook-1",
                Kind = "webhook",
                State = FlowState.Running,
                Delivered = 0,
                Retries = 0,
                DeadLettered = 0,
                Breaker = paused ? new BreakerReport(BreakerState.Open, 5, DateTimeOffset.UnixEpoch, null, 3, "answered 503") : null,
            },
        ],
    };

    /// <summary>What a flow's hops took, in seconds; half of the times are within a third of these.</summary>
    private sealed class Script(int seed)
    {
        private readonly Random _random = new(seed);

        public int Messages { get; set; } = 1000;

        public double Queue { get; set; } = 0.02;

        public double Own { get; set; } = 0.005;

        public double Spam { get; set; } = 0.004;

        public double Reply { get; set; } = 0.2;

        public double Room { get; set; } = 0.001;

        public double Commit { get; set; } = 0.003;

        public double Outbox { get; set; } = 0.01;

        public double Hook { get; set; } = 0.05;

        public double SlowShare { get; set; }

        public int HookFailures { get; set; } = 3;

        public int ReplyFailures { get; set; } = 2;

        public int Dead { get; set; } = 2;

        public KeptHops Figures()
        {
            var values = new Dictionary<string, FigureValue>();
            void Times(string instrument, string of, string hop, Func<double> time)
            {
                var sketch = new LatencySketch();
                for (var i = 0; i < Messages; i++)
                {
                    sketch.Add(time());
                }

                values[KeptHops.NameOf(new FigureKey(instrument, of, hop))] = FigureValue.Of(sketch, 0);
            }

            void Count(string instrument, string of, string hop, string outcome, long count) => values[KeptHops.NameOf(new FigureKey(instrument, of, hop, outcome))] = FigureValue.Of(count);

            Times(TelemetryNames.QueueWait, "triage", "in", () => About(Queue));
            Times(TelemetryNames.HopDuration, "triage", "in", () => About(Own) + About(Spam) + About(Reply) + About(Room));
            Times(TelemetryNames.ModelCallDuration, "spam", "", () => About(Spam));
            Times(TelemetryNames.ModelCallDuration, "reply", "", () => About(_random.NextDouble() < SlowShare ? Reply * 15 : Reply));
            Times(TelemetryNames.ModelWait, "reply", "", () => About(Room));
            Times(TelemetryNames.CommitDuration, "triage", "in", () => About(Commit));
            Times(TelemetryNames.QueueWait, "triage", "webhook-1", () => About(Outbox));
            Times(TelemetryNames.HopDuration, "triage", "webhook-1", () => About(Hook));
            Count(TelemetryNames.ModelCalls, "reply", "", "answered", Messages - Math.Min(Messages, ReplyFailures));
            Count(TelemetryNames.ModelCalls, "reply", "", "timeout", ReplyFailures);
            Count(TelemetryNames.HopMessages, "triage", "in", "delivered", Math.Max(0, Messages - Dead));
            Count(TelemetryNames.HopMessages, "triage", "in", "dead", Dead);
            Count(TelemetryNames.HopMessages, "triage", "webhook-1", "delivered", Messages);
            Count(TelemetryNames.Retries, "triage", "webhook-1", "", HookFailures);
            return new KeptHops([new FigureSlot(FigureSpan.Hour, DateTimeOffset.UnixEpoch, values)]);
        }

        private double About(double seconds) => seconds * Math.Exp((_random.NextDouble() - 0.5) * 1.2);
    }
}

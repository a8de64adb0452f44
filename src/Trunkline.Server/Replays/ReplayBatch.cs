using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Replays;

/// <summary>
/// Gathers what came of a few messages, until it is stored in one unit with the replay's progress. Outputs get ids of their own, made of the
/// flow's and the revision: a second replay of the revision makes the same, and the topic knows them again. Not thread-safe.
/// </summary>
/// <param name="replay">The replay before this batch.</param>
/// <param name="sinks">The flow's sinks, as outputs count them.</param>
/// <param name="bytesMax">The largest message each topic takes.</param>
internal sealed class ReplayBatch(ReplayRecord replay, IReadOnlyList<SinkConfig> sinks, IReadOnlyDictionary<string, int> bytesMax)
{
    private const int FailuresMax = 20;

    private readonly Dictionary<string, List<Message>> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Code, string Step), ReplayFailureView> _failures = replay.View.Failures.ToDictionary(f => (f.Code, f.Step));
    private ReplayView _view = replay.View;

    /// <summary>The outputs, one append per topic.</summary>
    public IReadOnlyList<TopicAppend> Appends => [.. _outputs.Select(output => new TopicAppend { Topic = output.Key, Messages = output.Value, Dedupe = DedupeMode.ById })];

    /// <summary>The topic a sink's outputs go to; null if they are not sent.</summary>
    public static string? TopicOf(ReplayPlan plan, SinkConfig sink) =>
        plan.Aside ? FlowNames.Replay(plan.Flow)
        : sink is TopicSinkConfig own ? own.Topic
        : plan.Send ? FlowNames.Outbox(plan.Flow, sink.Name)
        : null;

    /// <summary>A message of another key.</summary>
    public void PassOver() => _view = _view with { Read = _view.Read + 1, OtherKey = _view.OtherKey + 1 };

    /// <summary>What came of a message.</summary>
    public void Add(StoredMessage stored, PipelineResult result)
    {
        _view = _view with { Read = _view.Read + 1 };
        switch (result)
        {
            case PipelineResult.Delivered delivered:
                Deliver(stored, delivered);
                break;
            case PipelineResult.Filtered:
                _view = _view with { Filtered = _view.Filtered + 1 };
                break;
            case PipelineResult.Failed { Fault: var fault }:
                Fail(stored, fault.Code, fault.Step);
                break;
        }
    }

    /// <summary>The replay after this batch, its outputs not counted yet: how many are duplicates shows when they are stored.</summary>
    public ReplayRecord After(IReadOnlyList<ReplayPart> parts) => replay with { Parts = parts, View = _view with { Failures = [.. _failures.Values] } };

    private void Deliver(StoredMessage stored, PipelineResult.Delivered delivered)
    {
        var made = new List<(string Topic, Message Message)>();
        foreach (var output in delivered.Outputs)
        {
            var sink = sinks[output.Sink];
            if (TopicOf(replay.Plan, sink) is not { } topic)
            {
                _view = _view with { NotSent = _view.NotSent + 1 };
                continue;
            }

            var message = Mark(output.Message, sink);
            if (bytesMax.TryGetValue(topic, out var max) && MessageSize.Of(message) > max)
            {
                Fail(stored, "message.too-large", sink.Name);
                return;
            }

            made.Add((topic, message));
        }

        foreach (var (topic, message) in made)
        {
            if (!_outputs.TryGetValue(topic, out var messages))
            {
                _outputs.Add(topic, messages = []);
            }

            messages.Add(message);
        }
    }

    private Message Mark(Message output, SinkConfig sink)
    {
        var (plan, view) = (replay.Plan, replay.View);
        var headers = output.Headers.With(HeaderNames.Replay, ReplayMark.Of(view.Id, plan.Send));
        return new Message
        {
            Source = output.Source,
            Time = output.Time,
            Key = output.Key,
            ContentType = output.ContentType,
            Payload = output.Payload,

            // What is kept aside belongs to one replay; what goes to sinks is the same for each replay of the revision.
            Id = new MessageId(StableId.Of(output.Id.Value, "replay", plan.Aside ? view.Id : plan.Revision.ToString(CultureInfo.InvariantCulture))),
            Headers = plan.Aside ? headers.With(HeaderNames.Sink, sink.Name) : headers,
        };
    }

    private void Fail(StoredMessage stored, string code, string step)
    {
        _view = _view with { Failed = _view.Failed + 1 };
        if (_failures.TryGetValue((code, step), out var known))
        {
            _failures[(code, step)] = known with { Count = known.Count + 1 };
        }
        else if (_failures.Count < FailuresMax)
        {
            _failures.Add((code, step), new ReplayFailureView(
                code, step, 1, string.Create(CultureInfo.InvariantCulture, $"{stored.Position.Partition}/{stored.Position.Offset}")));
        }
    }
}

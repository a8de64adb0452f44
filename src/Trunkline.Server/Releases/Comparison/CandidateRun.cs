using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>
/// Runs a flow of two projects over the recorded messages of its topic, side by side, and tells which messages would go elsewhere.
/// Effects are answered from the recording; models of this machine may run where nothing was recorded; nothing else outside is
/// reached and nothing is written. Thread-safe.
/// </summary>
/// <param name="broker">Where the messages and the recording are.</param>
/// <param name="models">The models of both projects.</param>
/// <param name="host">Flows and steps of the host's own code.</param>
/// <param name="time">The clock of time-outs.</param>
internal sealed class CandidateRun(IBroker broker, ModelCatalog models, HostRegistrations host, TimeProvider time)
{
    private const int BatchMessages = 500;

    /// <summary>Compares.</summary>
    /// <param name="request">What to compare.</param>
    /// <param name="effectTopic">The topic the flow's effects are recorded in.</param>
    /// <param name="progress">Told the number of messages done; null for nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ComparisonException">A project lacks the flow, or the flow reads no topic.</exception>
    public async Task<ComparisonReport> RunAsync(
        ComparisonRequest request, string effectTopic, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var (incumbent, candidate) = (FlowOf(request.Incumbent, request.Flow), FlowOf(request.Candidate, request.Flow));
        var topic = incumbent.From is TopicSourceConfig source
            ? source.Topic
            : throw new ComparisonException($"Flow '{request.Flow}' reads no topic, so there are no recorded messages to run.");
        await using var incumbentModels = models.Lease(request.Incumbent);
        await using var candidateModels = models.Lease(request.Candidate);
        var recording = new EffectReplayer(call => IsLocal(request, call), request.RecordingBytesMax);
        await foreach (var record in ReadAsync(effectTopic, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            foreach (var effect in EffectRecordReader.Read(record.Message))
            {
                recording.Add(effect);
            }
        }

        var port = new EffectPort(recording.InterceptAsync);
        using var before = Pipelines(incumbent, incumbentModels, port).Create();
        using var after = Pipelines(candidate, candidateModels, port).Create();
        var (from, to) = (new Placement(incumbent), new Placement(candidate));
        var moves = new MoveTally(request.ExamplesMax);
        await foreach (var stored in ReadAsync(topic, request.MessagesMax, cancellationToken).ConfigureAwait(false))
        {
            var input = new PipelineInput(topic, stored, 1);
            var was = await before.RunAsync(input, cancellationToken).ConfigureAwait(false);
            moves.Add(stored, from, was, to, await after.RunAsync(input, cancellationToken).ConfigureAwait(false));
            progress?.Report(moves.Done);
        }

        return moves.Report(request.Flow, recording.Truncated);
    }

    private static FlowConfig FlowOf(ProjectConfig project, string flow) => project.Flows.TryGetValue(flow, out var config)
        ? config
        : throw new ComparisonException($"There is no flow '{flow}' in one of the projects.");

    private static bool IsLocal(ComparisonRequest request, EffectCall call)
    {
        if (call.Kind != EffectKind.Model)
        {
            return false;
        }

        var name = call.Name.Split('=')[0];
        var model = request.Candidate.Models.GetValueOrDefault(name) ?? request.Incumbent.Models.GetValueOrDefault(name);
        return model?.Kind is "lexicon" or "mlnet";
    }

    // One revision name for both: what an output says of its revision is not a difference of the flows.
    private IPipelineFactory Pipelines(FlowConfig flow, ModelSet set, EffectPort port) =>
        host.Pipelines(flow, "comparison", new PipelineServices(port, set, host.Steps, time));

    /// <summary>The newest messages of a topic, partition by partition, up to its end now. A topic that is not there has none.</summary>
    private async IAsyncEnumerable<StoredMessage> ReadAsync(
        string topic, int messagesMax, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var topics = await broker.ListTopicsAsync(cancellationToken).ConfigureAwait(false);
        var partitions = topics.FirstOrDefault(t => t.Settings.Name == topic)?.Partitions ?? [];
        var share = partitions.Count == 0 ? 0 : Math.Max(1, messagesMax / partitions.Count);
        foreach (var partition in partitions)
        {
            var next = Math.Max(partition.LowOffset, partition.HighOffset - share);
            while (next < partition.HighOffset)
            {
                var batch = await broker.ReadAsync(new ReadRequest(topic, partition.Partition, next, BatchMessages), cancellationToken).ConfigureAwait(false);
                foreach (var stored in batch.Where(stored => stored.Position.Offset < partition.HighOffset))
                {
                    yield return stored;
                }

                next = batch.Count == 0 ? partition.HighOffset : batch[^1].Position.Offset + 1;
            }
        }
    }
}

using Trunkline.Client.Api;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Flows.Code;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>
/// Runs a flow of two projects over the recorded messages of its topic, side by side: the incumbent twice, to learn what differs by
/// itself, the candidate once. Effects are answered from the recording unless asked for otherwise; nothing is written. Thread-safe.
/// </summary>
/// <param name="broker">Where the messages and the recording are.</param>
/// <param name="models">The models of both projects.</param>
/// <param name="host">Flows and steps of the host's own code.</param>
/// <param name="time">The clock of time-outs.</param>
internal sealed class CandidateRun(IBroker broker, ModelCatalog models, HostRegistrations host, TimeProvider time)
{
    /// <summary>Compares.</summary>
    /// <param name="request">What to compare.</param>
    /// <param name="effectTopic">The topic the flow's effects are recorded in.</param>
    /// <param name="progress">Told the number of messages done; null for nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ComparisonException">A project lacks the flow, or the flow reads no topic.</exception>
    public async Task<ComparisonView> RunAsync(
        ComparisonRequest request, string effectTopic, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var (incumbent, candidate) = (FlowOf(request.Incumbent, request.Flow), FlowOf(request.Candidate, request.Flow));
        var topic = incumbent.From is TopicSourceConfig source
            ? source.Topic
            : throw new ComparisonException($"Flow '{request.Flow}' reads no topic, so there are no recorded messages to run.");
        await using var incumbentModels = models.Lease(request.Incumbent);
        await using var candidateModels = models.Lease(request.Candidate);
        var versions = Versions(incumbent, candidate, incumbentModels, candidateModels);
        var (recording, times) = await ReadRecordingAsync(request, versions, effectTopic, cancellationToken).ConfigureAwait(false);
        var rotation = new Rotation(
            Side(incumbent, incumbentModels, recording), Side(incumbent, incumbentModels, recording), Side(candidate, candidateModels, recording));
        await using (rotation.ConfigureAwait(false))
        {
            var tally = new ComparisonTally(request, (new Placement(incumbent), new Placement(candidate)));
            await foreach (var stored in RecordedMessages.NewestAsync(broker, topic, request.MessagesMax, cancellationToken).ConfigureAwait(false))
            {
                var (was, again, would) = await rotation.RunAsync(new PipelineInput(topic, stored, 1), cancellationToken).ConfigureAwait(false);
                tally.Add(stored, was, again, would);
                progress?.Report(tally.Done);
            }

            return tally.Report(recording, times, versions);
        }
    }

    private static FlowConfig FlowOf(ProjectConfig project, string flow) => project.Flows.TryGetValue(flow, out var config)
        ? config
        : throw new ComparisonException($"There is no flow '{flow}' in one of the projects.");

    private static bool IsLocal(ComparisonRequest request, EffectCall call) =>
        call.Kind == EffectKind.Model && (LocalModels.Has(request.Candidate, call.Subject) || LocalModels.Has(request.Incumbent, call.Subject));

    /// <summary>Models both flows call: name, and name with version on either side.</summary>
    private static List<(string Model, string Before, string After)> Versions(FlowConfig incumbent, FlowConfig candidate, ModelSet before, ModelSet after) =>
        [.. ModelsOf(incumbent).Intersect(ModelsOf(candidate), StringComparer.Ordinal)
            .Select(model => (model, $"{model}={before.Get(model).Version}", $"{model}={after.Get(model).Version}"))];

    private static IEnumerable<string> ModelsOf(FlowConfig flow) => flow.Models;

    // One revision name for all: what an output says of its revision is not a difference of the flows.
    private FlowSide Side(FlowConfig flow, ModelSet set, EffectReplayer recording) => new(
        recording, time, (port, watch) => host.Pipelines(flow, "comparison", new PipelineServices(port, set, host.Steps, time) { Watch = watch, IsReplay = true }));

    private async Task<(EffectReplayer Recording, RecordedTimes Times)> ReadRecordingAsync(
        ComparisonRequest request, List<(string Model, string Before, string After)> versions, string effectTopic, CancellationToken cancellationToken)
    {
        // A changed model of this machine runs on both sides: a time recorded under load says nothing beside one measured now.
        var changed = versions.Where(v => v.Before != v.After).Select(v => v.Model).ToHashSet(StringComparer.Ordinal);
        var recording = new EffectReplayer(new ReplayRules
        {
            Mode = request.Effects,
            Stubs = request.Stubs,
            MayRun = call => IsLocal(request, call),
            RunsAnyway = call => changed.Contains(call.Subject) && IsLocal(request, call),
            BytesMax = request.RecordingBytesMax,
        });
        var times = new RecordedTimes();
        if (request.Effects != EffectMode.Fresh)
        {
            await foreach (var record in RecordedMessages.NewestAsync(broker, effectTopic, int.MaxValue, cancellationToken).ConfigureAwait(false))
            {
                foreach (var effect in EffectRecordReader.Read(record.Message))
                {
                    recording.Add(effect);
                    times.Add(effect);
                }
            }
        }

        return (recording, times);
    }
}

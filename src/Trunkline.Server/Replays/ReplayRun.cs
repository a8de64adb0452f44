using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Replays;

/// <summary>
/// Runs one replay from where it is to its end, at its rate, one message after the other and so in the order recorded. Progress and outputs
/// are one unit: after a crash it goes on with the message that follows the last stored.
/// </summary>
/// <param name="environment">The node.</param>
/// <param name="topic">Where replays are kept.</param>
/// <param name="progress">Told the replay whenever it is stored.</param>
internal sealed class ReplayRun(ReplayEnvironment environment, InternalTopic topic, Action<ReplayRecord> progress)
{
    private const int BatchMax = 100;
    private static readonly TimeSpan BrokerWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AsideRetention = TimeSpan.FromDays(7);

    /// <summary>Runs it.</summary>
    /// <exception cref="ReplayException">Its revision, flow or topic is gone.</exception>
    public async Task<ReplayRecord> RunAsync(ReplayRecord replay, CancellationToken cancellationToken)
    {
        var plan = replay.Plan;
        var project = await environment.Project(plan.Revision, cancellationToken).ConfigureAwait(false)
            ?? throw new ReplayException(string.Create(CultureInfo.InvariantCulture, $"Revision {plan.Revision} cannot be read any more."));
        var flow = project.Flows.GetValueOrDefault(plan.Flow)
            ?? throw new ReplayException(string.Create(CultureInfo.InvariantCulture, $"Revision {plan.Revision} has no flow '{plan.Flow}'."));
        await using var models = environment.Models.Lease(project);
        await Task.Run(models.Load, cancellationToken).ConfigureAwait(false);
        var recording = await RecordingAsync(plan, project, cancellationToken).ConfigureAwait(false);
        var port = new EffectPort(recording.InterceptAsync) { Time = environment.Time };
        var factory = environment.Host.Pipelines(
            flow, plan.Revision.ToString(CultureInfo.InvariantCulture), new PipelineServices(port, models, environment.Host.Steps, environment.Time));
        var bytesMax = await TopicsAsync(plan, factory.Sinks, cancellationToken).ConfigureAwait(false);
        using var pipeline = factory.Create();
        foreach (var part in replay.Parts)
        {
            var next = part.Next;
            while (next < part.End)
            {
                var started = environment.Time.GetTimestamp();
                var wanted = Math.Clamp(plan.PerSecond / 10, 1, BatchMax);
                var read = await environment.Broker.ReadAsync(new ReadRequest(plan.Topic, part.Partition, next, wanted), cancellationToken).ConfigureAwait(false);
                var batch = new ReplayBatch(replay, factory.Sinks, bytesMax);
                next = read.Count == 0 ? part.End : Math.Min(part.End, read[^1].Position.Offset + 1);
                var messages = read.Where(stored => stored.Position.Offset < part.End).ToArray();
                foreach (var stored in messages)
                {
                    await AddAsync(batch, pipeline, plan, stored, cancellationToken).ConfigureAwait(false);
                }

                replay = await StoreAsync(batch, [.. replay.Parts.Select(p => p.Partition == part.Partition ? p with { Next = next } : p)], cancellationToken).ConfigureAwait(false);
                await PaceAsync(started, TimeSpan.FromSeconds((double)messages.Length / plan.PerSecond), cancellationToken).ConfigureAwait(false);
            }
        }

        return replay;
    }

    private static async ValueTask AddAsync(ReplayBatch batch, IPipeline pipeline, ReplayPlan plan, StoredMessage stored, CancellationToken cancellationToken)
    {
        if (plan.Key is { } key && (stored.Message.Key is not { } own || own != MessageKey.FromText(key)))
        {
            batch.PassOver();
            return;
        }

        batch.Add(stored, await pipeline.RunAsync(new PipelineInput(plan.Topic, stored, 1), cancellationToken).ConfigureAwait(false));
    }

    private async Task<EffectReplayer> RecordingAsync(ReplayPlan plan, ProjectConfig project, CancellationToken cancellationToken)
    {
        var recording = new EffectReplayer(new ReplayRules
        {
            Mode = plan.Effects,
            Stubs = plan.Stubs.ToDictionary(s => s.Key, s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s.Value.GetRawText()), StringComparer.Ordinal),
            MayRun = call => call.Kind == EffectKind.Model && LocalModels.Has(project, call.Subject),
        });
        if (plan.Effects != EffectMode.Fresh)
        {
            await foreach (var record in RecordedMessages.NewestAsync(environment.Broker, FlowNames.Effects(plan.Flow), int.MaxValue, cancellationToken).ConfigureAwait(false))
            {
                foreach (var effect in EffectRecordReader.Read(record.Message))
                {
                    recording.Add(effect);
                }
            }
        }

        return recording;
    }

    /// <summary>The topics outputs go to, and the largest message each takes. Made is only the one that keeps outputs aside.</summary>
    private async Task<Dictionary<string, int>> TopicsAsync(ReplayPlan plan, IReadOnlyList<SinkConfig> sinks, CancellationToken cancellationToken)
    {
        if (plan.Aside)
        {
            var source = await environment.Broker.DescribeTopicAsync(plan.Topic, cancellationToken).ConfigureAwait(false);
            try
            {
                await environment.Broker.CreateTopicAsync(
                    new TopicSettings
                    {
                        Name = FlowNames.Replay(plan.Flow),
                        Partitions = source.Partitions.Count,
                        MessageBytesMax = 64 * 1024 * 1024,
                        RetentionAge = AsideRetention,
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (BrokerException conflict) when (conflict.Code == BrokerErrorCode.TopicConflict)
            {
                // It exists from when the source had other partitions: it serves as it is.
            }
        }

        var known = (await environment.Broker.ListTopicsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(t => t.Settings.Name, t => t.Settings.MessageBytesMax, StringComparer.Ordinal);
        foreach (var missing in sinks.Select(sink => ReplayBatch.TopicOf(plan, sink)).OfType<string>().Where(name => !known.ContainsKey(name)))
        {
            throw new ReplayException($"There is no topic '{missing}', where outputs would go. Keep them aside instead, or apply the revision first.");
        }

        return known;
    }

    private async Task<ReplayRecord> StoreAsync(ReplayBatch batch, IReadOnlyList<ReplayPart> parts, CancellationToken cancellationToken)
    {
        var (appends, after) = (batch.Appends, batch.After(parts));

        // Duplicates show in the answer, so the count that is stored with them lags one unit behind; after a crash it may lack that one.
        var unit = new CommitUnit { Appends = [.. appends, topic.Append(after.View.Id, after, ReplayJson.Default.ReplayRecord)] };
        var result = await CommitAsync(after.View.Id, unit, cancellationToken).ConfigureAwait(false);
        var stored = result.Appended.Take(appends.Count).SelectMany(append => append).ToArray();
        var duplicates = stored.LongCount(appended => appended.Duplicate);
        after = after with
        {
            View = after.View with { Stored = after.View.Stored + stored.Length - duplicates, Duplicates = after.View.Duplicates + duplicates },
        };
        progress(after);
        return after;
    }

    private async Task<CommitResult> CommitAsync(string id, CommitUnit unit, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // A unit that has begun is seen to its end: a pause falls between two.
                return await environment.Broker.CommitAsync(unit, CancellationToken.None).ConfigureAwait(false);
            }
            catch (BrokerException passing) when (passing.Code is BrokerErrorCode.Overloaded or BrokerErrorCode.DiskFull or BrokerErrorCode.Unreachable)
            {
                Log.Waits(environment.Log, id, passing.Code, BrokerWait);
                await Task.Delay(BrokerWait, environment.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task PaceAsync(long started, TimeSpan share, CancellationToken cancellationToken)
    {
        var rest = share - environment.Time.GetElapsedTime(started);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, environment.Time, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}

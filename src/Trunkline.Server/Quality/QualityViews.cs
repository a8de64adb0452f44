using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Effects;
using Trunkline.Server.Flows;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Quality;

/// <summary>
/// How well versions of models do, from the recorded answers of all flows and from what was told later: read anew after a restart, on from there when somebody asks. Thread-safe;
/// questions are answered one after the other.
/// </summary>
/// <param name="broker">Holds the recordings.</param>
internal sealed class QualityViews(IBroker broker) : IDisposable
{
    /// <summary>Recordings of a partition, and facts, read at most to begin with: the newest.</summary>
    public const int ReadMax = 200_000;

    private const int PageMessages = 256;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<(string Topic, int Partition), long> _next = [];
    private readonly QualityTally _tally = new();

    /// <summary>Gives what is made of the tallies of all versions.</summary>
    public async Task<IReadOnlyList<T>> LookAsync<T>(Func<VersionTally, T> view, string? model, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var topic in await broker.ListTopicsAsync(cancellationToken))
            {
                var name = topic.Settings.Name;
                if (name == OutcomeTopics.Facts)
                {
                    await CatchUpAsync(topic, stored => _tally.Add(LaterFacts.Read(stored)), cancellationToken);
                }
                else if (FlowNames.IsEffects(name))
                {
                    await CatchUpAsync(topic, Add, cancellationToken);
                }
            }

            return [.. _tally.Versions.Where(version => model is null || version.Model == model).Select(view)];
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task CatchUpAsync(TopicDescription topic, Action<StoredMessage> add, CancellationToken cancellationToken)
    {
        foreach (var partition in topic.Partitions)
        {
            var place = (topic.Settings.Name, partition.Partition);
            var at = Math.Max(_next.GetValueOrDefault(place), Math.Max(partition.LowOffset, partition.HighOffset - ReadMax));
            while (at < partition.HighOffset)
            {
                var page = await broker.ReadAsync(new ReadRequest(place.Name, place.Partition, at, PageMessages), cancellationToken);
                if (page.Count == 0)
                {
                    break;
                }

                foreach (var stored in page)
                {
                    add(stored);
                }

                at = page[^1].Position.Offset + 1;
            }

            _next[place] = at;
        }
    }

    private void Add(StoredMessage stored)
    {
        foreach (var effect in EffectRecordReader.Read(stored.Message).Where(effect => effect.Kind == EffectKind.Model))
        {
            _tally.Add(stored.Message.Id.Value, effect, stored.AppendedAt);
        }
    }
}

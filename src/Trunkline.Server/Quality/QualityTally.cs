using System.IO.Hashing;
using System.Text;
using Trunkline.Server.Effects;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Quality;

/// <summary>
/// Joins answers of models with what is told of their messages later, in whichever order they come, and counts by version. Not thread-safe.
/// </summary>
/// <remarks>Bounds: <see cref="VersionsMax"/> versions, of which the one unused longest goes first; about <see cref="JoinedMin"/> messages and facts wait for each other.</remarks>
internal sealed class QualityTally
{
    /// <summary>Versions of all models counted apart.</summary>
    public const int VersionsMax = 200;

    /// <summary>Messages and facts remembered at least, to join what comes later.</summary>
    public const int JoinedMin = 100_000;

    private const int FactsPerMessageMax = 16;
    private const int AnswersPerMessageMax = 16;

    private readonly Dictionary<string, VersionTally> _versions = new(StringComparer.Ordinal);
    private readonly RecentMap<List<(VersionTally Version, Prediction Said)>> _answers = new(JoinedMin);
    private readonly RecentMap<List<LaterFact>> _facts = new(JoinedMin);

    /// <summary>By model and version.</summary>
    public IEnumerable<VersionTally> Versions => _versions.Values.OrderBy(v => v.Model, StringComparer.Ordinal).ThenByDescending(v => v.Last);

    /// <summary>An answer to a message.</summary>
    /// <param name="id">The message's id.</param>
    /// <param name="answer">The answer of a model, named <c>model=version</c>.</param>
    /// <param name="at">When it was recorded.</param>
    public void Add(string id, RecordedEffect answer, DateTimeOffset at)
    {
        var version = VersionOf(answer.Name, at);
        var said = version.Add(answer, at);
        var hash = Hash(id);
        if (!_answers.TryGet(hash, out var answers))
        {
            _answers.Set(hash, answers = []);
        }

        if (answers.Count < AnswersPerMessageMax)
        {
            answers.Add((version, said));
            if (_facts.TryGet(hash, out var facts))
            {
                facts.ForEach(fact => Tell(version, said, fact));
            }
        }
    }

    /// <summary>What was told of a message. Facts that name a receipt or a key are about no single answer, and count for none.</summary>
    public void Add(LaterFact fact)
    {
        if (fact.MessageId is not { } id || fact.Fact is not ("label" or "rated"))
        {
            return;
        }

        var hash = Hash(id);
        if (!_facts.TryGet(hash, out var facts))
        {
            _facts.Set(hash, facts = []);
        }

        if (facts.Count < FactsPerMessageMax)
        {
            facts.Add(fact);
            if (_answers.TryGet(hash, out var answers))
            {
                answers.ForEach(answer => Tell(answer.Version, answer.Said, fact));
            }
        }
    }

    private static void Tell(VersionTally version, in Prediction said, LaterFact fact)
    {
        if (fact is { Fact: "label", Label: { } label })
        {
            version.Label(said, label);
        }
        else if (fact is { Fact: "rated", Value: { } value })
        {
            version.Rate(value);
        }
    }

    private VersionTally VersionOf(string name, DateTimeOffset at)
    {
        if (!_versions.TryGetValue(name, out var version))
        {
            if (_versions.Count >= VersionsMax)
            {
                _versions.Remove(_versions.MinBy(v => v.Value.Last).Key);
            }

            var split = name.IndexOf('=', StringComparison.Ordinal);
            version = split < 0 ? new VersionTally(name, "") : new VersionTally(name[..split], name[(split + 1)..]);
            _versions.Add(name, version);
        }

        return version;
    }

    private static UInt128 Hash(string id) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(id));
}

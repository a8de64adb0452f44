namespace Trunkline.Server.Pacts;

/// <summary>Which versions of a pacticipant are meant. What is null is not asked.</summary>
internal sealed record PactSelector(string Pacticipant)
{
    public string? Version { get; init; }

    public string? Branch { get; init; }

    public string? Tag { get; init; }

    public string? Environment { get; init; }

    /// <summary>Its main branch.</summary>
    public bool MainBranch { get; init; }
}

/// <summary>A pact of a version of a consumer, and a version of its provider that matters for it.</summary>
/// <param name="Pact">The pact.</param>
/// <param name="ProviderVersion">The provider's version; null if none is there.</param>
/// <param name="Result">Its newest verification; null if there is none.</param>
/// <param name="Ignored">True if the question leaves it out.</param>
internal sealed record PactMatrixRow(Pact Pact, PacticipantVersion? ProviderVersion, PactVerification? Result, bool Ignored)
{
    /// <summary>True for verified, false for failed, null for not known.</summary>
    public bool? Success => Result?.Success;
}

/// <summary>The answer to "can I deploy".</summary>
/// <param name="Deployable">True if every pair was verified.</param>
/// <param name="Rows">The pairs.</param>
/// <param name="Reasons">Why, or why not.</param>
internal sealed record PactVerdict(bool Deployable, IReadOnlyList<PactMatrixRow> Rows, IReadOnlyList<string> Reasons);

/// <summary>
/// Whether versions go together: each pact between what is selected and what is at the target must have been verified successfully, its content
/// by exactly the provider's version that matters.
/// </summary>
internal sealed class PactMatrix(PactBook book, IReadOnlyList<PactSelector> selected, PactSelector? target, IReadOnlySet<string> ignored)
{
    private readonly List<PactMatrixRow> _rows = [];
    private readonly List<string> _reasons = [];

    /// <summary>Judges.</summary>
    public PactVerdict Judge()
    {
        foreach (var selector in selected)
        {
            var versions = Resolve(selector).ToList();
            if (versions.Count == 0)
            {
                _reasons.Add($"{selector.Pacticipant}: no version {Told(selector)} is known.");
            }

            foreach (var version in versions)
            {
                AsConsumer(version);
                AsProvider(version);
            }
        }

        var rows = _rows.DistinctBy(row => (row.Pact.Consumer, row.Pact.ConsumerVersion, row.Pact.Provider, row.ProviderVersion?.Number)).ToList();
        _reasons.AddRange(rows.Where(row => !row.Ignored && row.Success != true).Select(Told));
        return _reasons.Count > 0 ? new(false, rows, _reasons) : new(true, rows, [rows.Count == 0 ? "There are no pacts that would have to be verified." : "All required verification results are there and successful."]);
    }

    private void AsConsumer(PacticipantVersion version)
    {
        foreach (var pact in book.Pacts.Where(one => one.Consumer == version.Pacticipant && one.ConsumerVersion == version.Number))
        {
            if (Others(pact.Provider) is not { } providers)
            {
                continue;
            }

            _rows.AddRange(providers.Count == 0 ? [Row(pact, null)] : providers.Select(provider => Row(pact, provider)));
        }
    }

    private void AsProvider(PacticipantVersion version)
    {
        foreach (var consumer in book.Pacts.Where(one => one.Provider == version.Pacticipant).Select(one => one.Consumer).Distinct(StringComparer.Ordinal).ToList())
        {
            // A consumer that is not there expects nothing.
            _rows.AddRange((Others(consumer) ?? []).Select(other => book.Pact(consumer, other.Number, version.Pacticipant)).OfType<Pact>().Select(pact => Row(pact, version)));
        }
    }

    private PactMatrixRow Row(Pact pact, PacticipantVersion? provider) => new(
        pact,
        provider,
        provider is null ? null : book.Verifications(pact.Sha).FirstOrDefault(one => one.ProviderVersion == provider.Number && one.Provider == pact.Provider),
        ignored.Contains(pact.Consumer) || ignored.Contains(pact.Provider));

    /// <summary>The versions of another pacticipant that matter; null if the question leaves it out.</summary>
    private List<PacticipantVersion>? Others(string pacticipant)
    {
        var named = selected.Where(one => one.Pacticipant == pacticipant).ToList();
        if (named.Count > 0)
        {
            return [.. named.SelectMany(Resolve)];
        }

        // Two pacticipants named and no target: only what is between them is asked.
        return target is null && selected.Count > 1 ? null : [.. Resolve((target ?? new PactSelector("")) with { Pacticipant = pacticipant })];
    }

    private IEnumerable<PacticipantVersion> Resolve(PactSelector selector)
    {
        var versions = book.Versions(selector.Pacticipant);
        if (selector.Version is { } number)
        {
            return versions.Where(one => one.Number == number);
        }

        if (selector.Environment is { } name)
        {
            return book.Environment(name) is { } environment ? book.In(environment.Id, selector.Pacticipant) : throw new PactRefusal(400, $"There is no environment '{name}'.");
        }

        var branch = selector.MainBranch ? book.Pacticipant(selector.Pacticipant)?.MainBranch ?? "" : selector.Branch;
        return versions.Where(one => (branch is null || one.Branches.Contains(branch)) && (selector.Tag is null || one.Tags.Contains(selector.Tag))).Take(1);
    }

    private static string Told(PactSelector selector) => selector switch
    {
        { Version: { } one } => one,
        { Environment: { } one } => $"in {one}",
        { Branch: { } one } => $"of branch {one}",
        { Tag: { } one } => $"with tag {one}",
        _ => "of it",
    };

    private static string Told(PactMatrixRow row) => row switch
    {
        { ProviderVersion: null } => $"{row.Pact.Consumer} {row.Pact.ConsumerVersion} needs {row.Pact.Provider}, of which no version is there.",
        { Result: null } => $"There is no verified pact between {row.Pact.Consumer} {row.Pact.ConsumerVersion} and {row.Pact.Provider} {row.ProviderVersion.Number}.",
        _ => $"The verification of the pact between {row.Pact.Consumer} {row.Pact.ConsumerVersion} and {row.Pact.Provider} {row.ProviderVersion.Number} failed.",
    };
}

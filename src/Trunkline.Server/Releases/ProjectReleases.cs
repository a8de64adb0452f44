using System.Globalization;
using Trunkline.Core.Config;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Releases;

/// <summary>
/// Installs revisions: validate, plan, put to work as a whole or not at all, record. One release at a time. The order keeps a
/// crash harmless: the content is kept first, then put to work, then pointed to together with its change; a crash between
/// leaves the older revision in force and the number used up. Thread-safe.
/// </summary>
internal sealed class ProjectReleases : IDisposable
{
    private readonly ReleaseEnvironment _environment;
    private readonly RevisionStore _store;
    private readonly ProjectFacts _facts;
    private readonly ReleasePlanner _planner;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ProjectConfig _running = new();

    private ProjectReleases(ReleaseEnvironment environment, RevisionStore store, ChangeLog changes)
    {
        (_environment, _store, Changes) = (environment, store, changes);
        _facts = new ProjectFacts(store.Salt, environment.FileHash);
        _planner = new ReleasePlanner(environment.Broker, _facts);
    }

    /// <summary>The log of changes.</summary>
    public ChangeLog Changes { get; }

    /// <summary>The revision in force; 0 before the first.</summary>
    public int Current => _store.Current.Number;

    /// <summary>All revisions, by number.</summary>
    public IReadOnlyList<RevisionEntry> Revisions => _store.Revisions;

    /// <summary>The project in force.</summary>
    public ProjectConfig Running => _running;

    /// <summary>Reads a project as it would be installed, and leaves it at that.</summary>
    public ProjectLoad Read(RevisionFiles files)
    {
        var load = _environment.Load(files);
        return load.Config is null ? load : load with { Config = load.Config with { Node = _running.Node } };
    }

    /// <summary>Reads a revision that is known as it would be put in force; null if there is none of that number, or it was made in code.</summary>
    public async Task<ProjectLoad?> ReadAsync(int number, CancellationToken cancellationToken) =>
        _store.Find(number) is { } entry && await _store.ReadAsync(entry, cancellationToken) is { Main: { } main } record
            ? Read(new RevisionFiles(main, record.Files))
            : null;

    /// <summary>What is different between two projects.</summary>
    public IReadOnlyList<PlanEntry> Compare(ProjectConfig before, ProjectConfig after) => _planner.Compare(before, after);

    /// <summary>The revision that was in force at a time, as the changes tell; 0 if it was before the first.</summary>
    public async Task<int> InForceAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        var number = Current;
        for (long? before = null; ;)
        {
            var page = await Changes.ReadAsync(ChangeLog.PageMax, before, cancellationToken);
            foreach (var change in page.Changes)
            {
                if (change.At <= at)
                {
                    return number;
                }

                if (change is { What: "apply" or "activate", Target: "project" })
                {
                    number = int.TryParse(change.From, CultureInfo.InvariantCulture, out var from) ? from : 0;
                }
            }

            if (page.Before is null)
            {
                return number;
            }

            before = page.Before;
        }
    }

    /// <summary>Opens revisions and changes; nothing runs yet.</summary>
    public static async Task<ProjectReleases> OpenAsync(ReleaseEnvironment environment, CancellationToken cancellationToken)
    {
        var store = await RevisionStore.OpenAsync(environment.Broker, cancellationToken);
        var changes = await ChangeLog.OpenAsync(environment.Broker, environment.Time, cancellationToken);
        return new ProjectReleases(environment, store, changes);
    }

    /// <summary>
    /// Puts the first project of a node's run to work. A file that changed since the last start takes effect as a new revision; one that
    /// did not yields to what was applied since.
    /// </summary>
    /// <param name="project">What the node's file, or its host, says.</param>
    /// <param name="files">The file as text; null for a project made in code.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    public async Task<ReleaseOutcome> StartAsync(ProjectConfig project, RevisionFiles? files, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _running = new ProjectConfig { Node = project.Node, BaseDirectory = project.BaseDirectory };
            var hash = RevisionHash.Of(_facts.Of(project));
            var current = _store.Find(_store.Current.Number);
            var record = current is null ? null : await _store.ReadAsync(current, cancellationToken);
            var load = record?.Main is { } main ? _environment.Load(new RevisionFiles(main, record.Files)) : null;
            if (load is not null && current!.Hash != hash && _store.Current.FileHash == hash)
            {
                return await StartAppliedAsync(current, load, record!.Main!, cancellationToken);
            }

            // What ran last is what the plan of a changed file is compared with.
            _running = load?.Config is { } last ? last with { Node = project.Node } : _running;
            return await InstallAsync(new Candidate(project, files, hash) { FileHash = hash }, new ReleaseRequest("file", Force: true), cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Installs a project.</summary>
    public async Task<ReleaseOutcome> ApplyAsync(RevisionFiles files, ReleaseRequest request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (request.Expected is { } expected && expected != Current)
            {
                return new ReleaseOutcome.Conflict(Current);
            }

            var load = _environment.Load(files);
            return load.Config is null
                ? new ReleaseOutcome.Faulty(load.Faults)
                : await InstallAsync(Of(load, files.Main), request, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Puts a revision that is known in force again.</summary>
    public async Task<ReleaseOutcome> ActivateAsync(int number, ReleaseRequest request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_store.Find(number) is not { } entry)
            {
                return new ReleaseOutcome.NotFound(number);
            }

            if (request.Expected is { } expected && expected != Current)
            {
                return new ReleaseOutcome.Conflict(Current);
            }

            var record = await _store.ReadAsync(entry, cancellationToken);
            if (record.Main is null)
            {
                return new ReleaseOutcome.MadeInCode();
            }

            var load = _environment.Load(new RevisionFiles(record.Main, record.Files));
            return load.Config is null
                ? new ReleaseOutcome.Faulty(load.Faults)
                : await InstallAsync(Of(load, record.Main) with { Known = entry }, request, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<ReleaseOutcome> StartAppliedAsync(RevisionEntry current, ProjectLoad load, string main, CancellationToken cancellationToken)
    {
        if (load.Config is null)
        {
            var revision = FormattableString.Invariant($"revision {current.Number}: ");
            return new ReleaseOutcome.Faulty([.. load.Faults.Select(f => f with { Where = f.Where with { File = revision + f.Where.File } })]);
        }

        Log.AppliedRevisionStays(_environment.Log, current.Number);
        _running = load.Config with { Node = _running.Node };
        var candidate = Of(load, main) with { Known = current, FileHash = _store.Current.FileHash };
        return await InstallAsync(candidate, new ReleaseRequest("file", Force: true), cancellationToken);
    }

    private Candidate Of(ProjectLoad load, string main)
    {
        // The node's own settings are those it runs with.
        var project = load.Config! with { Node = _running.Node };
        return new Candidate(project, new RevisionFiles(main, load.Files), RevisionHash.Of(_facts.Of(project)));
    }

    private async Task<ReleaseOutcome> InstallAsync(Candidate candidate, ReleaseRequest request, CancellationToken cancellationToken)
    {
        var (from, starts) = (Current, candidate.FileHash is not null);
        var inForce = _store.Find(from);
        if (!starts && inForce?.Hash == candidate.Hash)
        {
            return new ReleaseOutcome.Unchanged(from);
        }

        var plan = await _planner.PlanAsync(_running, candidate.Project, cancellationToken);
        if (candidate.Known is { } known && known.Hash != candidate.Hash && !starts)
        {
            plan = plan with { Refusals = [.. plan.Refusals, Differs(known)] };
        }

        if (request.DryRun)
        {
            return new ReleaseOutcome.Planned(from, plan);
        }

        if (!plan.IsAllowed(request.Force))
        {
            return new ReleaseOutcome.Refused(from, plan);
        }

        foreach (var refusal in plan.Refusals.Where(_ => starts))
        {
            Log.TakenAtStart(_environment.Log, $"{refusal.Kind} {refusal.Name}: {refusal.Reason}");
        }

        // At start the revision in force is put to work again; else equal content keeps the number it had.
        var same = starts && inForce?.Hash == candidate.Hash ? inForce : candidate.Known?.Hash == candidate.Hash ? candidate.Known : null;
        var revision = same ?? await KeepAsync(candidate, request.Who, cancellationToken);
        return await PutToWorkAsync(candidate, revision, (from, plan), request.Who, cancellationToken);
    }

    private Task<RevisionEntry> KeepAsync(Candidate candidate, string who, CancellationToken cancellationToken) => _store.AddAsync(
        new RevisionRecord(
            _store.NextNumber,
            candidate.Hash,
            candidate.Files?.Main,
            candidate.Files?.Files ?? new Dictionary<string, string>(),
            _environment.Time.GetUtcNow(),
            who),
        cancellationToken);

    private async Task<ReleaseOutcome> PutToWorkAsync(
        Candidate candidate, RevisionEntry revision, (int From, ReleasePlan Plan) plan, string who, CancellationToken cancellationToken)
    {
        try
        {
            await _environment.Activate(candidate.Project, revision.Number, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The boundary of a release: whatever its parts throw, what ran before goes on.
            Log.ActivationFailed(_environment.Log, revision.Number, plan.From, failure);
            return new ReleaseOutcome.Failed(Printable.Show(failure.Message, 500));
        }

        var before = _running;
        try
        {
            await RecordAsync(candidate, revision.Number, plan, who);
        }
        catch (Exception failure)
        {
            Log.RecordFailed(_environment.Log, revision.Number, plan.From, failure);
            if (plan.From > 0 && candidate.FileHash is null)
            {
                await _environment.Activate(before, plan.From, CancellationToken.None);
            }

            throw;
        }

        _running = candidate.Project;
        Log.InForce(_environment.Log, revision.Number, plan.From, plan.Plan.Entries.Count, who);
        return new ReleaseOutcome.Done(plan.From, revision.Number, plan.Plan);
    }

    private async Task RecordAsync(Candidate candidate, int number, (int From, ReleasePlan Plan) plan, string who)
    {
        var pointer = new RevisionPointer(number, candidate.FileHash ?? _store.Current.FileHash);
        if (pointer == _store.Current)
        {
            return;
        }

        // A start that goes on with the same revision changes nothing.
        var change = number == plan.From ? null : Changes.Append(Changes.Entry(
            who,
            candidate.Known is null ? "apply" : "activate",
            "project",
            (plan.From == 0 ? null : FormattableString.Invariant($"{plan.From}"), FormattableString.Invariant($"{number}")),
            Printable.Show(string.Join(" · ", plan.Plan.Entries), 4000)));

        // Once at work the revision must be recorded, whoever has gone away meanwhile.
        await _store.PointAsync(pointer, change, CancellationToken.None);
    }

    private static PlanRefusal Differs(RevisionEntry known) => new(
        "revision",
        FormattableString.Invariant($"{known.Number}"),
        "Its files give another content today: variables or model files have changed since. Restore them, or force it, which makes a new revision.",
        true);

    /// <summary>A project on its way into force.</summary>
    private sealed record Candidate(ProjectConfig Project, RevisionFiles? Files, string Hash)
    {
        /// <summary>The revision it was read from; null if it is new.</summary>
        public RevisionEntry? Known { get; init; }

        /// <summary>At start, the hash of the node's file; null otherwise.</summary>
        public string? FileHash { get; init; }
    }
}

using Microsoft.Extensions.Logging;
using Trunkline.Client.Api;
using Trunkline.Core.Limits;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.DeadLetters;
using Trunkline.Server.Connectors.Files;
using Trunkline.Server.Connectors.Hooks;
using Trunkline.Server.Connectors.Http;
using Trunkline.Server.Connectors.Live;
using Trunkline.Server.Effects;
using Trunkline.Server.Erasure;
using Trunkline.Server.Expressions;
using Trunkline.Server.Faults;
using Trunkline.Server.Flows;
using Trunkline.Server.Inference;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Pacts;
using Trunkline.Server.Quality;
using Trunkline.Server.Readers;
using Trunkline.Server.Releases;
using Trunkline.Server.Replays;
using Trunkline.Server.Releases.Comparison;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Server.Sight.Logs;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Steps;
using Trunkline.Server.Taps;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Hosting;

/// <summary>
/// What runs behind the web application: broker, models, flows, releases. Opened before the node serves, closed after it.
/// </summary>
internal sealed class NodeRuntime : IAsyncDisposable
{
    private readonly NodeParts _parts;
    private readonly Node _node;
    private readonly HttpClient _http;
    private readonly ModelCatalog _models;
    private readonly BudgetBook _budgets;
    private readonly FileTargets _files;
    private bool _disposed;
    private IReadOnlyDictionary<string, string> _versions = new Dictionary<string, string>();

    private NodeRuntime(NodeParts parts, Node node, IBroker broker, Ledgers ledgers, NodeLogs logs)
    {
        (_parts, _node, Broker, _budgets, Schemas, Pacts) = (parts, node, broker, ledgers.Budgets, ledgers.Schemas, ledgers.Pacts);
        Consumers = new GroupConsumers(broker, parts.Time);
        Outcomes = new OutcomeViews(broker);
        Quality = new QualityViews(broker);
        LogStore = new LogStore(broker, parts.Project.Node.Telemetry.LogBytes);
        LogKeeper = new LogKeeper(logs.Book, LogStore);
        Traces = new TraceStore(broker, TraceQueue, parts.Project.Node.Telemetry.TraceBytes);
        var addresses = new OutgoingAddressPolicy(parts.Project.Node.AllowAddresses);
        _http = new HttpClient(addresses.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _models = new ModelCatalog(addresses, parts.Registrations.Models, parts.Time) { Budgets = _budgets };
        Comparisons = new Comparisons(new CandidateRun(broker, _models, parts.Registrations, parts.Time), parts.Time);
        Faults = new FaultBoard(parts.Time, System.Diagnostics.Process.GetCurrentProcess().Kill);
        Taps = new TapBoard(parts.Time);
        var effects = new EffectPort(Faults.InterceptAsync) { Time = parts.Time };
        var stepLog = logs.Factory.CreateLogger(Steps.Log.Programs);
        var pipelines = new ProjectPipelines(
            _models,
            (models, flow) => new PipelineServices(effects.Of(flow), models, parts.Registrations.Steps, parts.Time) { Watch = Taps.Of(flow), Pieces = Pieces.Of(flow), Log = stepLog },
            parts.Registrations);
        _files = new FileTargets(parts.Time);
        FlowEnvironment = new FlowEnvironment
        {
            Broker = new FaultyBroker(broker, Faults),
            Time = parts.Time,
            Logs = logs.Factory,
            Effects = effects,
            Http = _http,
            Addresses = addresses,
            Intakes = Intakes,
            Hooks = Hooks,
            Sockets = Sockets,
            Files = _files,
            Connectors = parts.Registrations.Connectors,
            Contracts = new ContractCheck(Schemas),
            Pipelines = pipelines.BuildAsync,
            Jitter = Random.Shared.NextDouble,
        };
        Flows = new FlowSupervisor(FlowEnvironment);
    }

    /// <summary>The open broker.</summary>
    public IBroker Broker { get; }

    /// <summary>The consumers of groups served over HTTP.</summary>
    public GroupConsumers Consumers { get; }

    /// <summary>What became of messages.</summary>
    public OutcomeViews Outcomes { get; }

    /// <summary>How well versions of models do.</summary>
    public QualityViews Quality { get; }

    /// <summary>Spans that wait to be kept.</summary>
    public TraceQueue TraceQueue { get; } = new();

    /// <summary>Kept logs.</summary>
    public LogStore LogStore { get; }

    /// <summary>Brings what is logged there.</summary>
    public LogKeeper LogKeeper { get; }

    /// <summary>The models of all revisions.</summary>
    public ModelCatalog Models => _models;

    /// <summary>Kept traces.</summary>
    public TraceStore Traces { get; }

    /// <summary>Erasures.</summary>
    public Erasures Erasures { get; private set; } = null!;

    /// <summary>Registered schemas.</summary>
    public SchemaRegistry Schemas { get; }

    /// <summary>Pacts and what came of them.</summary>
    public PactBroker Pacts { get; }

    /// <summary>Who reads what.</summary>
    public ReaderCatalog Readers { get; private set; } = null!;

    /// <summary>What the messages of topics hold, and how that drifts.</summary>
    public TrafficDesk Traffic { get; private set; } = null!;

    /// <summary>Where requests below <c>/in</c> go.</summary>
    public HttpIntakes Intakes { get; } = new();

    /// <summary>Pieces of answers on their way to who follows.</summary>
    public PieceBoard Pieces { get; } = new();

    /// <summary>Where WebSockets below <c>/in</c> go.</summary>
    public SocketDoors Sockets { get; } = new();

    /// <summary>Where requests below <c>/hooks</c> go.</summary>
    public HookDoors Hooks { get; } = new();

    /// <summary>What flows run in.</summary>
    public FlowEnvironment FlowEnvironment { get; }

    /// <summary>The running flows.</summary>
    public FlowSupervisor Flows { get; }

    /// <summary>Revisions and changes.</summary>
    public ProjectReleases Releases { get; private set; } = null!;

    /// <summary>Dead letters, and what operators do with them.</summary>
    public DeadLetterDesk DeadLetters { get; private set; } = null!;

    /// <summary>Redrives by filter.</summary>
    public RedriveJobs Redrives { get; private set; } = null!;

    /// <summary>Candidates over recorded messages.</summary>
    public Comparisons Comparisons { get; }

    /// <summary>Recorded messages run again in the background.</summary>
    public ReplayJobs Replays { get; private set; } = null!;

    /// <summary>Faults injected into the flows.</summary>
    public FaultBoard Faults { get; }

    /// <summary>Who looks at messages passing.</summary>
    public TapBoard Taps { get; }

    /// <summary>Versions of the models in force, by name.</summary>
    public IReadOnlyDictionary<string, string> ModelVersions => Volatile.Read(ref _versions);

    /// <summary>Opens the broker and puts the project to work.</summary>
    /// <exception cref="NodeStartException">The project cannot be put to work.</exception>
    public static async Task<NodeRuntime> OpenAsync(NodeParts parts, Node node, NodeLogs logs, CancellationToken cancellationToken)
    {
        var broker = await parts.OpenBroker(new BrokerContext(parts.Project.Node, parts.Time, logs.Factory), cancellationToken);
        NodeRuntime runtime;
        try
        {
            runtime = new NodeRuntime(parts, node, broker, await OpenLedgersAsync(broker, parts.Time, cancellationToken), logs);
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }

        try
        {
            await runtime.StartAsync(logs.Factory, cancellationToken);
            await runtime.OpenErasuresAsync(logs.Factory, cancellationToken);
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each reads topics of its own, so they are read side by side.</summary>
    private static async Task<Ledgers> OpenLedgersAsync(IBroker broker, TimeProvider time, CancellationToken cancellationToken)
    {
        var schemas = Task.Run(() => SchemaRegistry.OpenAsync(broker, cancellationToken), cancellationToken);
        var budgets = BudgetLedger.OpenAsync(broker, time, cancellationToken);
        var pacts = PactBroker.OpenAsync(broker, time, cancellationToken);
        await Task.WhenAll(schemas, budgets, pacts);
        return new(await budgets, await schemas, await pacts);
    }

    /// <summary>One check per flow that failed, or one that all are well.</summary>
    public async Task<IReadOnlyList<HealthCheckView>> CheckFlowsAsync(CancellationToken cancellationToken)
    {
        var failed = (await Flows.SnapshotAsync(cancellationToken)).Where(f => f.State == FlowState.Failed).ToList();
        return failed.Count == 0
            ? [new HealthCheckView("flows", true, null)]
            : [.. failed.Select(f => new HealthCheckView($"flow {f.Name}", false, f.Reason))];
    }

    public async ValueTask DisposeAsync()
    {
        // The services of the web application know it too, and would close it once more.
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await Consumers.DisposeAsync();
        if (Redrives is { } redrives)
        {
            // First: what they hand to the flows would only be interrupted.
            await redrives.DisposeAsync();
        }

        if (Erasures is not null)
        {
            await Erasures.DisposeAsync();
        }

        if (Replays is not null)
        {
            await Replays.DisposeAsync();
        }

        Comparisons.Dispose();
        Outcomes.Dispose();
        Quality.Dispose();
        Traces.Dispose();
        LogKeeper.Dispose();
        await Flows.DisposeAsync();
        _files.Dispose();
        Releases?.Dispose();
        Schemas.Dispose();
        Pacts.Dispose();
        await _models.DisposeAsync();
        await CloseBudgetsAsync();
        _http.Dispose();
        await Broker.DisposeAsync();
    }

    private async Task CloseBudgetsAsync()
    {
        try
        {
            await _budgets.CloseAsync();
        }
        catch (BrokerException)
        {
            // The store takes nothing more: what was granted counts as used then, as after a crash.
        }
    }

    private async Task StartAsync(ILoggerFactory logs, CancellationToken cancellationToken)
    {
        Releases = await ProjectReleases.OpenAsync(
            new ReleaseEnvironment
            {
                Broker = Broker,
                Activate = ActivateAsync,
                Load = Load,
                Time = _parts.Time,
                Log = logs.CreateLogger("Trunkline.Releases"),
            },
            cancellationToken);
        var outcome = await Releases.StartAsync(_parts.Project, _parts.Text, cancellationToken);
        switch (outcome)
        {
            case ReleaseOutcome.Faulty faulty:
                throw NodeStartException.Of(faulty.Faults);
            case ReleaseOutcome.Failed failed:
                throw NodeStartException.NotAtWork(failed.Reason);
            case ReleaseOutcome.Refused refused:
                throw NodeStartException.NotAtWork(string.Join(" ", refused.Plan.Refusals.Select(r => $"{r.Kind} {r.Name}: {r.Reason}")));
        }

        Readers = new ReaderCatalog(() => _node.Project, await ReaderBook.OpenAsync(Broker, _parts.Time, cancellationToken), Schemas, Releases.Changes);
        Schemas.Gate = Readers.HoldAsync;
        Traffic = new TrafficDesk(Broker, () => _node.Project, Schemas, await DriftBook.OpenAsync(Broker, _parts.Time, cancellationToken));
        DeadLetters = new DeadLetterDesk(Broker, Flows, Releases.Changes, _parts.Time);
        Redrives = await RedriveJobs.OpenAsync(
            new RedriveEnvironment(Broker, DeadLetters, Flows, Releases.Changes, _parts.Time) { Log = logs.CreateLogger("Trunkline.DeadLetters") },
            cancellationToken);
        Replays = await ReplayJobs.OpenAsync(
            new ReplayEnvironment
            {
                Broker = Broker,
                Models = _models,
                Host = _parts.Registrations,
                Time = _parts.Time,
                Log = logs.CreateLogger("Trunkline.Replays"),
                Project = ProjectOfAsync,
            },
            cancellationToken);
    }

    private async Task OpenErasuresAsync(ILoggerFactory logs, CancellationToken cancellationToken) => Erasures = await Erasures.OpenAsync(
        new ErasureEnvironment(Broker, Flows, Releases.Changes, new ErasureProofs(Broker), _parts.Time)
        {
            Reports = new Dictionary<string, ReportRewriter>(StringComparer.Ordinal) { [TraceStore.Topic] = Traces.Without, [LogStore.TopicName] = LogStore.Without },
            Settle = async token =>
            {
                await Traces.FlushAsync(token);
                await LogKeeper.KeepAsync(token);
            },
        },
        logs.CreateLogger("Trunkline.Erasure"), cancellationToken);

    /// <summary>The project of a revision; null if it is not known or cannot be read.</summary>
    public async Task<ProjectConfig?> ProjectOfAsync(int revision, CancellationToken cancellationToken) =>
        revision == Releases.Current ? Releases.Running : (await Releases.ReadAsync(revision, cancellationToken))?.Config;

    private async Task ActivateAsync(ProjectConfig project, int revision, CancellationToken cancellationToken)
    {
        await Flows.ApplyAsync(project, revision, cancellationToken);
        _node.Switch(project, revision);
        await using var models = _models.Lease(project);
        Volatile.Write(ref _versions, project.Models.Keys.ToDictionary(name => name, name => models.Get(name).Version, StringComparer.Ordinal));
    }

    /// <summary>Where the files of projects lie; a node without a project file takes them from where it was started.</summary>
    private string Folder() => _parts.Project.BaseDirectory is { Length: > 0 } folder ? folder : Environment.CurrentDirectory;

    /// <summary>Reads a project that came in one piece, with this node's variables, folder and host.</summary>
    private ProjectLoad Load(RevisionFiles files)
    {
        var load = ProjectFile.Load(ProjectSource.FromMemory(files.Files, files.Main, Folder(), Environment.GetEnvironmentVariable) with
        {
            ExpressionCheck = ExpressionSyntax.Check,
            FileExists = File.Exists,
        });
        if (load.Config is null)
        {
            return load;
        }

        var faults = ProjectLoading.SameNames(load.Config, _parts.Registrations);
        return faults.Count == 0 ? load with { Config = _parts.Registrations.AddTo(load.Config) } : load with { Config = null, Faults = faults };
    }

    /// <summary>What was read from the broker before anything else.</summary>
    private sealed record Ledgers(BudgetBook Budgets, SchemaRegistry Schemas, PactBroker Pacts);
}

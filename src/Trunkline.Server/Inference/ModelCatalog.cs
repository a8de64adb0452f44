using Trunkline.Core.Limits;
using Trunkline.Core.Security;
using Trunkline.Models;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Inference;

/// <summary>
/// The models of the node. Revisions with equal models share them; a model lives from its first use until the last revision that
/// has it goes. Models the host registered belong to the host and live as long as the node. Thread-safe.
/// </summary>
/// <param name="addresses">Which addresses models may call.</param>
/// <param name="registered">Models of the host, by name.</param>
/// <param name="time">The clock of time-outs.</param>
internal sealed class ModelCatalog(
    OutgoingAddressPolicy addresses, IReadOnlyDictionary<string, IModel> registered, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ModelIdentity, SharedModel> _shared = [];
    private readonly Dictionary<string, SharedLimits> _limits = new(StringComparer.Ordinal);
    private readonly HttpMessageHandler _outgoing = addresses.CreateHandler();
    private readonly HttpClient _http = new(addresses.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Where what budgets have used stands. Default: kept nowhere.</summary>
    public BudgetBook Budgets { get; init; } = new();

    /// <summary>How many models revisions hold at the moment; those of the host are not counted.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _shared.Count;
            }
        }
    }

    /// <summary>How many questions a model takes at once, as it stands; null if nothing bounds them here, or several versions have bounds of their own.</summary>
    public int? RoomOf(string model)
    {
        lock (_gate)
        {
            return _limits.Values.Where(l => l.Model == model).Select(l => l.Limits.Calls?.Status.Limit).ToList() is [var only] ? only : null;
        }
    }

    /// <summary>The models of a project; nothing is made yet.</summary>
    public ModelSet Lease(ProjectConfig project)
    {
        var handles = new Dictionary<string, ModelHandle>(StringComparer.Ordinal);
        var leased = new Leased([], []);
        lock (_gate)
        {
            foreach (var (name, config) in project.Models.Where(m => m.Value.Versions.Count == 0))
            {
                handles.Add(name, new ModelHandle(config.Kind == "use" ? Registered(config) : Share(config, leased), config.Timeout)
                {
                    Name = name,
                    Kind = config.Kind,
                    Limits = ShareLimits(config, leased),
                    Rules = RulesOf(config, project, leased),
                    Fallback = config.Answers.Fallback,
                    WarmUp = config.Answers.WarmUp,
                    Time = time,
                });
            }
        }

        foreach (var (name, config) in project.Models.Where(m => m.Value.Versions.Count > 0))
        {
            handles.Add(name, ModelHandle.Split(name, [.. config.Versions.Select(v => (handles[v.Model], v.Share))]));
        }

        return new ModelSet(handles, () => ReleaseAsync(leased)) { Http = _http };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        SharedModel[] left;
        lock (_gate)
        {
            left = [.. _shared.Values];
            _shared.Clear();
        }

        foreach (var shared in left)
        {
            await shared.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var limits in _limits.Values)
        {
            limits.Limits.Dispose();
        }

        _outgoing.Dispose();
        _http.Dispose();
    }

    private AnswerRules? RulesOf(ModelConfig config, ProjectConfig project, Leased leased) => config.Answers is { Schema: null, Language: null, Cache: null, Hedge: null }
        ? null
        : new AnswerRules(time)
        {
            Schema = config.Answers.Schema is { } schema ? new(() => AnswerSchema.Load(config.Name, schema, inText: config.Kind == "openai")) : null,
            Language = config.Answers.Language is { } language ? new AnswerLanguage(Share(project.Models[language.By], leased), language.Code) : null,
            Cache = config.Answers.Cache is { } keep ? new AnswerCache(keep, time) : null,
            Hedge = config.Answers.Hedge,
        };

    private Lazy<IModel> Registered(ModelConfig config)
    {
        var name = config.Use ?? config.Model ?? config.Name;
        return new(() => registered.TryGetValue(name, out var model)
            ? model
            : throw new InvalidModelException($"Model '{config.Name}': the host has registered no model '{name}'. Register it with AddModel, or correct the name."));
    }

    private Lazy<IModel> Share(ModelConfig config, Leased leased)
    {
        var identity = ModelIdentity.Of(config);
        if (!_shared.TryGetValue(identity, out var shared))
        {
            shared = new SharedModel(() => ModelFactory.Create(OptionsOf(config)));
            _shared.Add(identity, shared);
        }

        shared.Leases++;
        leased.Models.Add(identity);
        return shared.Model;
    }

    /// <summary>Limits go with the name and all that is written about the model: what a new version may take is found out anew.</summary>
    private ModelLimits ShareLimits(ModelConfig config, Leased leased)
    {
        var identity = LimitsIdentity(config);
        if (!_limits.TryGetValue(identity, out var shared))
        {
            shared = new SharedLimits(config.Name, new ModelLimits(config, Budgets, time));
            _limits.Add(identity, shared);
        }

        shared.Leases++;
        leased.Limits.Add(identity);
        return shared.Limits;
    }

    // The parts of limits that are lists have no equality of their own, so their text stands for them.
    private static string LimitsIdentity(ModelConfig config) =>
        $"{ModelIdentity.Of(config)} {config.Limits.Concurrency} {string.Join(' ', config.Limits.Budgets)} {config.Limits.Price}";

    private ModelOptions OptionsOf(ModelConfig config)
    {
        var expressions = config.Kind == "http" ? new HttpExpressions() : null;
        return new()
        {
            Name = config.Name,
            Kind = config.Kind,
            Path = config.Path,
            Endpoint = config.Endpoint,
            Model = config.Model,
            Token = config.Token?.Value,
            System = config.System,
            Tools = config.Tools,
            Languages = config.Languages,
            Tokenizer = config.Tokenizer,
            Labels = config.Labels,
            WriteRequest = expressions?.Writer(config.Request),
            ReadAnswer = expressions?.Reader(config.Response),
            MaxTokens = config.MaxTokens,
            Timeout = config.Timeout,
            Handler = _outgoing,
            Time = time,
        };
    }

    private async ValueTask ReleaseAsync(Leased leased)
    {
        var unused = new List<SharedModel>();
        lock (_gate)
        {
            foreach (var identity in leased.Limits)
            {
                if (_limits.TryGetValue(identity, out var limits) && --limits.Leases == 0)
                {
                    _limits.Remove(identity);
                    limits.Limits.Dispose();
                }
            }

            foreach (var identity in leased.Models)
            {
                if (_shared.TryGetValue(identity, out var shared) && --shared.Leases == 0)
                {
                    _shared.Remove(identity);
                    unused.Add(shared);
                }
            }
        }

        foreach (var shared in unused)
        {
            await shared.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What one revision holds.</summary>
    private sealed record Leased(List<ModelIdentity> Models, List<string> Limits);

    private sealed class SharedLimits(string model, ModelLimits limits)
    {
        public string Model => model;

        public ModelLimits Limits => limits;

        public int Leases { get; set; }
    }

    private sealed class SharedModel(Func<IModel> create) : IAsyncDisposable
    {
        // A failure is not kept: the file or setting may be mended while the node runs.
        public Lazy<IModel> Model { get; } = new(create, LazyThreadSafetyMode.PublicationOnly);

        public int Leases { get; set; }

        public ValueTask DisposeAsync() => Model.IsValueCreated ? Model.Value.DisposeAsync() : ValueTask.CompletedTask;
    }
}

using Trunkline.Core.Config;
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
    private readonly HttpMessageHandler _outgoing = addresses.CreateHandler();

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

    /// <summary>The models of a project; nothing is made yet.</summary>
    public ModelSet Lease(ProjectConfig project)
    {
        var handles = new Dictionary<string, ModelHandle>(StringComparer.Ordinal);
        var leased = new List<ModelIdentity>();
        lock (_gate)
        {
            foreach (var (name, config) in project.Models)
            {
                handles.Add(name, new ModelHandle(config.Kind == "use" ? Registered(config) : Share(config, leased), config.Timeout));
            }
        }

        return new ModelSet(handles, () => ReleaseAsync(leased));
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

        _outgoing.Dispose();
    }

    private Lazy<IModel> Registered(ModelConfig config) => new(() => registered.TryGetValue(config.Model ?? config.Name, out var model)
        ? model
        : throw new InvalidModelException(
            $"Model '{config.Name}': the host has registered no model '{config.Model ?? config.Name}'. Register it with AddModel, or correct the name."));

    private Lazy<IModel> Share(ModelConfig config, List<ModelIdentity> leased)
    {
        var identity = ModelIdentity.Of(config);
        if (!_shared.TryGetValue(identity, out var shared))
        {
            shared = new SharedModel(() => ModelFactory.Create(OptionsOf(config)));
            _shared.Add(identity, shared);
        }

        shared.Leases++;
        leased.Add(identity);
        return shared.Model;
    }

    private ModelOptions OptionsOf(ModelConfig config) => new()
    {
        Name = config.Name,
        Kind = config.Kind,
        Path = config.Path,
        Endpoint = config.Endpoint,
        Model = config.Model,
        Token = config.Token?.Value,
        System = config.System,
        Timeout = config.Timeout,
        Handler = _outgoing,
        Time = time,
    };

    private async ValueTask ReleaseAsync(List<ModelIdentity> leased)
    {
        var unused = new List<SharedModel>();
        lock (_gate)
        {
            foreach (var identity in leased)
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

    /// <summary>What makes two models the same: their settings, and for files also what lies at the path.</summary>
    private readonly record struct ModelIdentity(ModelConfig Config, long FileBytes, DateTime FileWritten)
    {
        public static ModelIdentity Of(ModelConfig config)
        {
            var bare = config with { Where = default(SourceLocation) };
            var file = config.Path is null ? null : new FileInfo(config.Path);
            return file is { Exists: true } ? new(bare, file.Length, file.LastWriteTimeUtc) : new(bare, -1, default);
        }
    }

    private sealed class SharedModel(Func<IModel> create) : IAsyncDisposable
    {
        // A failure is not kept: the file or setting may be mended while the node runs.
        public Lazy<IModel> Model { get; } = new(create, LazyThreadSafetyMode.PublicationOnly);

        public int Leases { get; set; }

        public ValueTask DisposeAsync() => Model.IsValueCreated ? Model.Value.DisposeAsync() : ValueTask.CompletedTask;
    }
}

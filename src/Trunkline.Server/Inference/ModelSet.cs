namespace Trunkline.Server.Inference;

/// <summary>The models of one revision. Disposing it gives them back: a model no other revision uses is disposed.</summary>
internal sealed class ModelSet(IReadOnlyDictionary<string, ModelHandle> models, Func<ValueTask> release) : IAsyncDisposable
{
    private static readonly HttpClient s_nowhere = new(new NoCalls());

    private readonly IReadOnlyDictionary<string, ModelHandle> _models = models;
    private int _released;

    /// <summary>How steps ask others over HTTP: where models may be called too, without redirects. Default: nobody is called.</summary>
    public HttpClient Http { get; init; } = s_nowhere;

    /// <summary>The model of that name.</summary>
    public ModelHandle Get(string name) => _models.TryGetValue(name, out var model)
        ? model
        : throw new ArgumentException($"There is no model '{name}' in this revision.", nameof(name));

    /// <summary>
    /// From now on the models of the next revision serve under the names both have: also messages that began with this revision ask
    /// them, so that a withdrawn version is called no more.
    /// </summary>
    public void HandOver(ModelSet next)
    {
        foreach (var (name, model) in _models)
        {
            if (next._models.TryGetValue(name, out var following))
            {
                model.HandOver(following);
            }
        }
    }

    /// <summary>Makes every model now, so that a revision with one that cannot be made is refused as a whole.</summary>
    /// <exception cref="Trunkline.Models.InvalidModelException">One cannot be made.</exception>
    public void Load()
    {
        foreach (var model in _models.Values)
        {
            model.Load();
        }
    }

    /// <summary>Asks each what it is to be asked before it takes over.</summary>
    /// <exception cref="Trunkline.Models.InvalidModelException">One does not answer.</exception>
    public Task WarmUpAsync(CancellationToken cancellationToken) => Task.WhenAll(_models.Values.Select(m => m.WarmUpAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
        {
            return;
        }

        foreach (var model in _models.Values)
        {
            model.Dispose();
        }

        await release().ConfigureAwait(false);
    }

    private sealed class NoCalls : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("nobody is called from here");
    }
}

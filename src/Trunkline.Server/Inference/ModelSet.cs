namespace Trunkline.Server.Inference;

/// <summary>The models of one revision. Disposing it gives them back: a model no other revision uses is disposed.</summary>
internal sealed class ModelSet(IReadOnlyDictionary<string, ModelHandle> models, Func<ValueTask> release) : IAsyncDisposable
{
    private int _released;

    /// <summary>The model of that name.</summary>
    public ModelHandle Get(string name) => models.TryGetValue(name, out var model)
        ? model
        : throw new ArgumentException($"There is no model '{name}' in this revision.", nameof(name));

    /// <summary>Makes every model now, so that a revision with one that cannot be made is refused as a whole.</summary>
    /// <exception cref="Trunkline.Models.InvalidModelException">One cannot be made.</exception>
    public void Load()
    {
        foreach (var model in models.Values)
        {
            _ = model.Version;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _released, 1) == 0 ? release() : ValueTask.CompletedTask;
}

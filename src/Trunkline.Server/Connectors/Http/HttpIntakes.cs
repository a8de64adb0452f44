using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Trunkline.Server.Connectors.Http;

/// <summary>The paths flows take requests at, below <c>/in</c>. Thread-safe.</summary>
internal sealed class HttpIntakes
{
    private readonly ConcurrentDictionary<string, HttpIntake> _intakes = new(StringComparer.Ordinal);

    /// <summary>The intake of a path that starts with a slash.</summary>
    public bool TryGet(string path, [NotNullWhen(true)] out HttpIntake? intake) => _intakes.TryGetValue(path, out intake);

    /// <summary>Opens a path; one flow has it at a time.</summary>
    public HttpIntake Open(string path) => _intakes.GetOrAdd(path, _ => new HttpIntake());

    /// <summary>Closes a path: requests to it find nothing from now on.</summary>
    public void Close(string path)
    {
        if (_intakes.TryRemove(path, out var intake))
        {
            intake.Dispose();
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Trunkline.Server.Connectors.Http;

namespace Trunkline.Server.Connectors.Hooks;

/// <summary>Where the webhooks of one flow come in.</summary>
/// <param name="Scheme">How they are signed.</param>
/// <param name="Seen">Which were taken.</param>
internal sealed record HookDoor(IHookScheme Scheme, SeenHooks Seen) : IDisposable
{
    /// <summary>Hands them to the flow.</summary>
    public HttpIntake Intake { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => Intake.Dispose();
}

/// <summary>The paths flows take webhooks at, below <c>/hooks</c>. Thread-safe.</summary>
internal sealed class HookDoors
{
    private readonly ConcurrentDictionary<string, HookDoor> _doors = new(StringComparer.Ordinal);

    /// <summary>The door of a path that starts with a slash.</summary>
    public bool TryGet(string path, [NotNullWhen(true)] out HookDoor? door) => _doors.TryGetValue(path, out door);

    /// <summary>Opens a path; one flow has it at a time. Opened again it is the same door.</summary>
    public HookDoor Open(string path, Func<HookDoor> make) => _doors.GetOrAdd(path, _ => make());

    /// <summary>Closes a path: requests to it find nothing from now on.</summary>
    public void Close(string path)
    {
        if (_doors.TryRemove(path, out var door))
        {
            door.Dispose();
        }
    }
}

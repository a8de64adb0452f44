using System.Reflection;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Hosting;

/// <summary>Where the node is in its life.</summary>
internal enum NodePhase
{
    /// <summary>Not yet able to process.</summary>
    Starting,

    /// <summary>Serving.</summary>
    Ready,

    /// <summary>Finishing what it holds; takes nothing new.</summary>
    Draining,
}

/// <summary>What the node is at the moment: phase, project and revision in force, checks. Thread-safe.</summary>
internal sealed class Node(ProjectConfig project, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private volatile ProjectConfig _project = project;
    private long _revision;
    private volatile NodePhase _phase = NodePhase.Starting;
    private Func<CancellationToken, Task<IReadOnlyList<HealthCheckView>>>[] _checks = [];

    /// <summary>Trunkline's version.</summary>
    public static string Version { get; } =
        (typeof(Node).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    /// <summary>The project in force.</summary>
    public ProjectConfig Project => _project;

    /// <summary>Its revision; 0 before the first.</summary>
    public long Revision => Interlocked.Read(ref _revision);

    /// <summary>When the node started.</summary>
    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();

    /// <summary>Where it listens, with the port bound once it does.</summary>
    public Uri Address { get; set; } = new(project.Node.Listen);

    /// <summary>Where it is in its life.</summary>
    public NodePhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>Puts another revision in force.</summary>
    public void Switch(ProjectConfig project, long revision)
    {
        lock (_gate)
        {
            _project = project;
            Interlocked.Exchange(ref _revision, revision);
        }
    }

    /// <summary>Adds something the readiness probe looks at.</summary>
    public void AddChecks(Func<CancellationToken, Task<IReadOnlyList<HealthCheckView>>> checks)
    {
        lock (_gate)
        {
            _checks = [.. _checks, checks];
        }
    }

    /// <summary>What the readiness probe sees besides the broker.</summary>
    public async Task<IReadOnlyList<HealthCheckView>> CheckAsync(CancellationToken cancellationToken)
    {
        var found = new List<HealthCheckView>();
        foreach (var check in Volatile.Read(ref _checks))
        {
            found.AddRange(await check(cancellationToken));
        }

        return found;
    }
}

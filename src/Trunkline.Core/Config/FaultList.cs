namespace Trunkline.Core.Config;

/// <summary>Collects faults, at most <see cref="Capacity"/>; what comes after is counted, not kept. Not thread-safe.</summary>
public sealed class FaultList
{
    /// <summary>The most faults kept. A file that has more is not a project file.</summary>
    public const int Capacity = 1000;

    private readonly List<Fault> _faults = [];
    private readonly HashSet<Fault> _seen = [];

    /// <summary>How many faults were reported, kept or not.</summary>
    public int Count { get; private set; }

    /// <summary>Reports a fault. The same fault is kept once.</summary>
    public void Add(SourceLocation where, string code, string message, string remedy)
    {
        var fault = new Fault(where, code, message, remedy);
        if (!_seen.Add(fault))
        {
            return;
        }

        Count++;
        if (_faults.Count < Capacity)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>The faults by file (in the order files were first named), then line.</summary>
    public IReadOnlyList<Fault> Ordered()
    {
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var fault in _faults)
        {
            files.TryAdd(fault.Where.File, files.Count);
        }

        return [.. _faults.OrderBy(f => files[f.Where.File]).ThenBy(f => f.Where.Line)];
    }
}

using System.Runtime.CompilerServices;
using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>
/// One document being checked. First without faults, stopping at the first that does not fit; only if that fails once more, collecting.
/// Work is bounded: steps, stack, and time in patterns; at a bound the check is given up and the document does not fit.
/// </summary>
internal sealed class Evaluation
{
    private const long StepsAtLeast = 1_000_000;
    private const long StepsPerToken = 200;
    private static readonly TimeSpan s_patternTime = TimeSpan.FromMilliseconds(500);

    private readonly List<SchemaFault>? _faults;
    private readonly int _faultsMax;
    private readonly List<SchemaResource> _scope = [];
    private long _steps;
    private long _patternTicks;
    private int _quiet;

    /// <summary>A check of a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="faultsMax">How many faults to collect; 0 for a verdict only.</param>
    public Evaluation(JsonIndex document, int faultsMax)
    {
        Document = document;
        _faultsMax = faultsMax;
        _faults = faultsMax > 0 ? [] : null;
        _steps = StepsAtLeast + (StepsPerToken * document.Count);
    }

    /// <summary>The document.</summary>
    public JsonIndex Document { get; }

    /// <summary>True if every fault is wanted, not only the verdict.</summary>
    public bool Explains => _faults is not null && _quiet == 0 && GivenUp is null;

    /// <summary>Why the check was given up; null if it was not.</summary>
    public string? GivenUp { get; private set; }

    /// <summary>What was found.</summary>
    public IReadOnlyList<SchemaFault> Faults => _faults ?? [];

    /// <summary>The resources entered, outermost first.</summary>
    public IReadOnlyList<SchemaResource> Scope => _scope;

    /// <summary>True if a value fits a schema.</summary>
    /// <param name="node">The schema.</param>
    /// <param name="token">The value.</param>
    /// <param name="seen">Where to mark what was evaluated of this same value; null if nobody asks.</param>
    public bool Fits(SchemaNode node, int token, Evaluated? seen)
    {
        if (GivenUp is not null || !HasRoom())
        {
            return false;
        }

        var allowed = node.Kinds.Allows(Document, token);
        if (!allowed)
        {
            Fault(token, node, node.Kinds.Keyword, node.Kinds.Expectation);
            if (!Explains)
            {
                return false;
            }
        }

        var enters = node.EntersScope && (_scope.Count == 0 || _scope[^1] != node.Resource);
        if (enters)
        {
            _scope.Add(node.Resource);
        }

        var fits = allowed && node.Unevaluated is { } unevaluated ? unevaluated.Fits(this, node, token, seen) : AllFit(node, token, seen);
        if (enters)
        {
            _scope.RemoveAt(_scope.Count - 1);
        }

        return fits && allowed;
    }

    /// <summary>True if a value passes the checks of a schema that are for its kind.</summary>
    public bool AllFit(SchemaNode node, int token, Evaluated? seen)
    {
        var fits = true;
        foreach (var check in node.ChecksFor(Document[token].Kind))
        {
            if (!check.Passes(this, node, token, seen))
            {
                fits = false;
                if (!Explains)
                {
                    break;
                }
            }
        }

        return fits;
    }

    /// <summary>As <see cref="Fits"/>, without faults and marks.</summary>
    public bool FitsQuietly(SchemaNode node, int token)
    {
        _quiet++;
        var fits = Fits(node, token, null);
        _quiet--;
        return fits;
    }

    /// <summary>As <see cref="Fits"/>; if the value does not fit, marks are as before. Faults stay: see <see cref="FaultCount"/>.</summary>
    public bool FitsOrUndoes(SchemaNode node, int token, Evaluated? seen)
    {
        var before = seen?.Copy();
        var fits = Fits(node, token, seen);
        if (!fits)
        {
            seen?.Restore(before!);
        }

        return fits;
    }

    /// <summary>Faults so far.</summary>
    public int FaultCount => _faults?.Count ?? 0;

    /// <summary>Takes faults from a place on out of the list.</summary>
    public SchemaFault[] TakeFaults(int from)
    {
        if (_faults is null || from >= _faults.Count)
        {
            return [];
        }

        var taken = _faults.GetRange(from, _faults.Count - from);
        _faults.RemoveRange(from, taken.Count);
        return [.. taken];
    }

    /// <summary>Puts faults into the list.</summary>
    public void AddFaults(IEnumerable<SchemaFault> faults) => _faults?.AddRange(faults.Take(_faultsMax - _faults.Count));

    /// <summary>Notes a fault, if faults are wanted and there is room.</summary>
    public void Fault(int token, SchemaNode node, string keyword, string message)
    {
        if (Explains && _faults!.Count < _faultsMax)
        {
            _faults.Add(new(Document.Pointer(token), keyword, node.Pointer + (keyword.Length == 0 ? "" : "/" + JsonIndex.Escape(keyword)), message));
        }
    }

    /// <summary>Counts time spent in a pattern that may be slow; gives up when it is too much.</summary>
    public void SpentInPattern(TimeSpan time, bool timedOut)
    {
        _patternTicks += time.Ticks;
        if (timedOut || _patternTicks > s_patternTime.Ticks)
        {
            GivenUp ??= "patterns take too long for this document";
        }
    }

    private bool HasRoom()
    {
        if (--_steps < 0)
        {
            GivenUp = "the check takes too many steps for this document";
        }
        else if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            GivenUp = "the schema refers to itself without an end, or document and schema are nested too deep";
        }

        return GivenUp is null;
    }
}

using Trunkline.Server.Schemas.Json.Compiling;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary>What one keyword, or some that belong together, ask of a value. Immutable once compiled.</summary>
internal abstract class SchemaCheck
{
    /// <summary>Kinds it says something about, as bits.</summary>
    public virtual KindMask For => KindMask.Any;

    /// <summary>True if the value passes; else faults are noted.</summary>
    /// <param name="run">The check of a document.</param>
    /// <param name="node">The schema it stands in, for faults.</param>
    /// <param name="token">The value.</param>
    /// <param name="seen">Where to mark what was evaluated of it; null if nobody asks.</param>
    public abstract bool Passes(Evaluation run, SchemaNode node, int token, Evaluated? seen);
}

namespace Trunkline.Server.Expressions.Compiled;

/// <summary>
/// A piece of a compiled expression: immutable, shared by all lanes. Each gives the value the engine would give, or gives up; after
/// that its value counts for nothing, and evaluation may go on, since it has no effect.
/// </summary>
internal abstract class CompiledNode
{
    /// <summary>The value in a scope.</summary>
    public abstract CompiledValue Evaluate(CompiledScope scope);
}

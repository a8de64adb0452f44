namespace Trunkline.Core.Config.Grammar;

/// <summary>One reading of a configuration: where faults go and how values are completed. Not thread-safe.</summary>
/// <param name="Faults">Takes what is wrong.</param>
/// <param name="Interpolation">Puts variables in.</param>
/// <param name="ExpressionCheck">Answers what is wrong with an expression, or null. Default: nothing is.</param>
public sealed record GrammarReading(FaultList Faults, Interpolation Interpolation, Func<string, string?>? ExpressionCheck = null)
{
    /// <summary>Reports a value of the wrong shape.</summary>
    public void WrongShape(ConfigNode node, string path, string expected) =>
        Faults.Add(node.Where, FaultCodes.WrongShape, $"{(path.Length == 0 ? "The file" : path)} is {node.Shape}; expected {expected}.", $"Write {expected}.");
}

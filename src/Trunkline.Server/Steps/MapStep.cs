using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>map</c>: the expression's value is the new body.</summary>
internal sealed class MapStep(string name, PreparedExpression expression) : Step(name)
{
    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        run.Body.Map(expression);
        return ValueTask.FromResult(true);
    }
}

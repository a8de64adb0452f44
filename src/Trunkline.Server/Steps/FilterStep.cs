using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary><c>filter</c>: a message the expression is not true for (as JavaScript's <c>if</c> sees it) ends here.</summary>
internal sealed class FilterStep(string name, PreparedExpression expression) : Step(name)
{
    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken) =>
        ValueTask.FromResult(run.Body.Test(expression));
}

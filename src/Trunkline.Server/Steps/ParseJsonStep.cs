namespace Trunkline.Server.Steps;

/// <summary><c>parse: json</c>: the payload must be JSON; everything after sees it read.</summary>
internal sealed class ParseJsonStep(string name) : Step(name)
{
    /// <inheritdoc/>
    public override ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        run.Body.Parse();
        return ValueTask.FromResult(true);
    }
}

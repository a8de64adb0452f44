namespace Trunkline.Server.Steps;

/// <summary><c>use</c>: a step of the host's own code. Whatever it throws is a fault of the message, not of the flow.</summary>
internal sealed class UseStep(string name, string use, CustomStep step) : Step(name)
{
    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var body = run.Body.Write();
        var result = await CallAsync(body, run, cancellationToken).ConfigureAwait(false);
        if (result is null)
        {
            return false;
        }

        // The host's memory may be its own again once the step has returned.
        run.Body.Replace(result.Value.ToArray());
        return true;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> CallAsync(byte[] body, MessageRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await step(body, new StepContext(run.Effects, Name), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // The boundary to the host's code: any failure there is this message's, and is retried unless it says otherwise.
            throw new StepException(CustomFault.Of(exception, Name, $"step '{use}'"), exception);
        }
    }
}

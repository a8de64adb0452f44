using System.Buffers;
using Microsoft.Extensions.Logging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps.Scripts;

/// <summary>
/// <c>exec</c>: a program gets the body, and what it prints becomes the body. An effect: recorded, and answered from the recording in a replay.
/// </summary>
/// <param name="config">How.</param>
/// <param name="time">The clock of time-outs.</param>
/// <param name="log">Where standard error goes, if it is to go anywhere.</param>
internal sealed class ExecStep(ExecStepConfig config, TimeProvider time, ILogger log) : Step(config.Name)
{
    private static readonly SearchValues<byte> s_lineEnds = SearchValues.Create("\r\n"u8);

    private readonly ScriptPool? _pool = config.Pool > 0 ? new ScriptPool(config, time) : null;

    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var body = run.Body.Write();
        var call = new EffectCall(EffectKind.Custom, Name, run.Effects.IdempotencyKey(Name, body), body) { Step = Name };
        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await run.Effects.InvokeAsync(call, (effect, token) => AskAsync(effect.Input, token), cancellationToken).ConfigureAwait(false);
        }
        catch (EffectMissingException missing)
        {
            throw new StepException(new StepFault(EffectMissingException.Code, Name, missing.Message, FaultClass.Terminal), missing);
        }

        try
        {
            if (config.Output is { } output)
            {
                run.Body.Set(output, answer);
            }
            else
            {
                run.Body.Replace(answer);
            }
        }
        catch (ExpressionException exception) when (exception.Code == ExpressionException.JsonInvalid)
        {
            throw new StepException(new StepFault("step.script-malformed", Name, "It printed something that is not JSON.", FaultClass.Poison), exception);
        }

        return true;
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (_pool is not null)
        {
            return await _pool.RunAsync(InOneLine(body), Tell, cancellationToken).ConfigureAwait(false);
        }

        using var process = ScriptProcess.Start(config, time);
        try
        {
            return await process.RunToEndAsync(body, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Tell(process);
        }
    }

    private void Tell(ScriptProcess process)
    {
        if (config.LogsErrors && process.Error is { Length: > 0 } error)
        {
            Log.ScriptSaid(log, Name, error);
        }
    }

    // In JSON a line end stands between values only; within texts it is escaped.
    private static byte[] InOneLine(ReadOnlyMemory<byte> json)
    {
        var line = new byte[json.Length + 1];
        json.CopyTo(line);
        line.AsSpan().ReplaceAny(s_lineEnds, (byte)' ');
        line[^1] = (byte)'\n';
        return line;
    }
}

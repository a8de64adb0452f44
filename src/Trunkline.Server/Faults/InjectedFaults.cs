using System.Net;
using System.Net.Http.Headers;
using Trunkline.Models;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Faults;

/// <summary>Makes a call fail as the outside would make it fail, so that what follows is what follows in earnest.</summary>
internal static class InjectedFaults
{
    private static readonly byte[] Garbage = "<html>not what you asked for"u8.ToArray();

    /// <summary>Fails the call, or answers garbage. Not for <see cref="FaultKind.Slow"/> and <see cref="FaultKind.Crash"/>, which are no answers.</summary>
    public static ReadOnlyMemory<byte> Answer(EffectCall call, FaultKind fault, TimeSpan? retryAfter, TimeProvider time) => call.Kind switch
    {
        EffectKind.Http when fault == FaultKind.Timeout => throw new OperationCanceledException("No answer in time."),
        EffectKind.Http when fault == FaultKind.Garbage => throw new IOException("An injected fault: the answer breaks off."),
        EffectKind.Http => Refuse(StatusOf(fault), retryAfter, time),
        _ when fault == FaultKind.Garbage => Garbage,
        EffectKind.Model => throw new ModelException(FailureOf(fault), $"An injected fault: {fault}.") { RetryAfter = retryAfter },
        _ => throw new StepFailedException($"An injected fault: {fault}.", fault != FaultKind.Refused) { RetryAfter = retryAfter },
    };

    /// <summary>As a receiver that answers the status; judged as the real one is.</summary>
    public static void Receive(int status, TimeSpan? retryAfter, TimeProvider time)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is { } after)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(Math.Ceiling(after.TotalSeconds)));
        }

        if (SinkException.Of(WebhookAnswer.Judge(response, time)) is { } refused)
        {
            throw refused;
        }
    }

    private static ReadOnlyMemory<byte> Refuse(int status, TimeSpan? retryAfter, TimeProvider time)
    {
        Receive(status, retryAfter, time);
        return default;
    }

    private static int StatusOf(FaultKind fault) => fault switch
    {
        FaultKind.RateLimited => 429,
        FaultKind.Refused => 400,
        _ => 503,
    };

    private static ModelFailure FailureOf(FaultKind fault) => fault switch
    {
        FaultKind.Timeout => ModelFailure.Timeout,
        FaultKind.RateLimited => ModelFailure.RateLimited,
        FaultKind.Refused => ModelFailure.Refused,
        _ => ModelFailure.Unavailable,
    };
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trunkline.Core.Limits;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Expressions;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Steps;

/// <summary>
/// <c>enrich</c>: asks an HTTP service and puts its answer into the body. An effect: recorded, and answered from the recording in a replay.
/// </summary>
/// <param name="config">How.</param>
/// <param name="http">Calls only where the node may; no redirects.</param>
/// <param name="limiter">How many calls run at once.</param>
/// <param name="time">The clock of time-outs.</param>
internal sealed class EnrichStep(EnrichStepConfig config, HttpClient http, CallLimiter limiter, TimeProvider time) : Step(config.Name)
{
    /// <summary>After how many failures in a row nobody is asked for how long.</summary>
    public static BreakerRule Breaker => OutboxSinkConfig.BreakerDefault;

    /// <summary>The most calls of a step at once.</summary>
    public const int CallsMax = 16;

    private const int AnswerBytesMax = 1024 * 1024;
    private static readonly byte[] Null = "null"u8.ToArray();

    private readonly TextTemplate _url = new(config.Url);
    private readonly PreparedExpression? _body = config.Body is null ? null : ExpressionSyntax.Prepare(config.Body);

    /// <inheritdoc/>
    public override async ValueTask<bool> RunAsync(MessageRun run, CancellationToken cancellationToken)
    {
        var url = await UrlAsync(run).ConfigureAwait(false);
        var body = _body is null ? null : run.Body.Write(_body);
        var asked = JsonSerializer.SerializeToUtf8Bytes(url.AbsoluteUri);
        byte[] input = body is null ? asked : [.. asked, (byte)'\n', .. body];
        var call = new EffectCall(EffectKind.Custom, Name, run.Effects.IdempotencyKey(Name, input), input) { Step = Name };
        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await run.Effects.InvokeAsync(
                call, (effect, token) => AskAsync(url, body, effect.IdempotencyKey, run.Effects.Share, token), cancellationToken).ConfigureAwait(false);
        }
        catch (EffectMissingException missing)
        {
            throw new StepException(new StepFault(EffectMissingException.Code, Name, missing.Message, FaultClass.Terminal), missing);
        }

        try
        {
            run.Body.Set(config.Output, answer);
        }
        catch (ExpressionException exception) when (exception.Code == ExpressionException.JsonInvalid)
        {
            throw Fault("step.enrich-malformed", "The service answered something that is not JSON.", FaultClass.Poison);
        }

        return true;
    }

    /// <summary>The address for a message. What a value says stays within its part: it is escaped, and may not climb.</summary>
    private async ValueTask<Uri> UrlAsync(MessageRun run)
    {
        string text;
        try
        {
            // Templates see the body as it is now, not as it came.
            var incoming = run.Input.Stored.Message;
            var message = new Message
            {
                Id = incoming.Id,
                Source = incoming.Source,
                Time = incoming.Time ?? run.Input.Stored.AppendedAt,
                Key = incoming.Key,
                Headers = incoming.Headers,
                Payload = run.Body.Write(),
            };
            text = await _url.RenderAsync(message, UrlEncoder.Default).ConfigureAwait(false);
        }
        catch (TemplateException failed)
        {
            throw new StepException(new StepFault("step.enrich-address", Name, failed.Message, FaultClass.Terminal), failed);
        }

        var fixedPart = config.Url[..(config.Url.IndexOf('/', config.Url.IndexOf("//", StringComparison.Ordinal) + 2) + 1)];
        return text.StartsWith(fixedPart, StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var url)
            && !text.Split('?', '#')[0].Split('/').Any(part => part is "." or "..")
            ? url
            : throw Fault("step.enrich-address", "The message makes no address of the template: a part of it is missing, or leads elsewhere.", FaultClass.Terminal);
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(Uri url, byte[]? body, string key, WorkShare share, CancellationToken cancellationToken)
    {
        var admission = await limiter.EnterAsync(share, int.MaxValue, cancellationToken).ConfigureAwait(false);
        using var permit = admission.Permit ?? throw Fault("step.enrich-unavailable", "A newer revision asks the service by now.", FaultClass.Retryable);
        try
        {
            var answer = await CallAsync(url, body, key, cancellationToken).ConfigureAwait(false);
            permit.Complete(CallResult.Answered);
            return answer;
        }
        catch (StepException failed)
        {
            var result = failed.Fault.Code is "step.enrich-timeout" or "step.enrich-rate-limited" ? CallResult.Overloaded
                : failed.Fault.Class == FaultClass.Terminal ? CallResult.Answered : CallResult.Failed;
            permit.Complete(result, failed.Fault.RetryAfter);
            throw;
        }
    }

    private async Task<ReadOnlyMemory<byte>> CallAsync(Uri url, byte[]? body, string key, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(config.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, url);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            if (config.Token is { } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
            }

            if (body is not null)
            {
                request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await ReadAsync(response, either.Token).ConfigureAwait(false)
                : response.StatusCode == HttpStatusCode.NotFound && !config.FailsIfMissing ? Null : throw FaultOf(response);
        }
        catch (Exception failed) when (failed is OperationCanceledException or IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsCancellationRequested
                ? Fault("step.enrich-timeout", $"No whole answer within {config.Timeout.TotalSeconds} s.", FaultClass.Retryable)
                : Fault("step.enrich-unavailable", "The service cannot be reached, may not be, or broke off.", FaultClass.Retryable);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (answer.Length + read > AnswerBytesMax)
            {
                throw Fault("step.enrich-malformed", "The answer is larger than 1 MiB.", FaultClass.Poison);
            }

            answer.Write(buffer, 0, read);
        }

        return answer.Length == 0 ? Null : answer.ToArray();
    }

    private StepException FaultOf(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        var (code, faultClass) = status switch
        {
            429 => ("step.enrich-rate-limited", FaultClass.Retryable),
            408 or 425 or >= 500 => ("step.enrich-unavailable", FaultClass.Retryable),
            _ => ("step.enrich-refused", FaultClass.Terminal),
        };
        return new StepException(new StepFault(code, Name, $"The service answered {status}.", faultClass, wait > TimeSpan.Zero ? wait : null));
    }

    private StepException Fault(string code, string detail, FaultClass faultClass) => new(new StepFault(code, Name, detail, faultClass));
}

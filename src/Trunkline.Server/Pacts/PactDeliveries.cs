using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Trunkline.Server.Pacts;

/// <summary>Tells webhooks: what is stored and due, up to <see cref="TriesMax"/> times each, with longer pauses.</summary>
/// <param name="broker">Holds what is to be told.</param>
/// <param name="http">What sends; it connects only where outgoing calls may.</param>
/// <param name="time">The clock.</param>
internal sealed class PactDeliveries(PactBroker broker, HttpClient http, TimeProvider time)
{
    /// <summary>Tries before it is given up.</summary>
    public const int TriesMax = 6;

    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private const int PauseMaxSeconds = 300;
    private const int AtOnce = 20;

    /// <summary>Tells what is due.</summary>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        var due = broker.Book.Deliveries.Where(one => !one.Done && one.Due <= time.GetUtcNow()).OrderBy(one => one.At).Take(AtOnce).ToList();
        await Task.WhenAll(due.Select(one => DeliverAsync(one, cancellationToken)));
    }

    private async Task DeliverAsync(PactDelivery delivery, CancellationToken cancellationToken)
    {
        if (broker.Book.Webhook(delivery.Webhook) is not { } webhook)
        {
            await broker.DeliveredAsync(delivery with { Done = true, Result = "the webhook was deleted" }, cancellationToken);
            return;
        }

        var (isTold, result) = await SendAsync(webhook, delivery, cancellationToken);
        var tries = delivery.Tries + 1;
        var pause = TimeSpan.FromSeconds(Math.Min(PauseMaxSeconds, 1 << (2 * tries)));
        await broker.DeliveredAsync(delivery with { Tries = tries, Done = isTold || tries == TriesMax, Due = time.GetUtcNow() + pause, Result = result }, cancellationToken);
    }

    private async Task<(bool IsTold, string Result)> SendAsync(PactWebhook webhook, PactDelivery delivery, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerMax);
        try
        {
            using var request = RequestOf(webhook, delivery);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return (response.IsSuccessStatusCode, string.Create(CultureInfo.InvariantCulture, $"status {(int)response.StatusCode}"));
        }
        catch (Exception failure) when (failure is HttpRequestException or UriFormatException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (false, failure is OperationCanceledException ? "no answer in time" : failure.InnerException?.Message ?? failure.Message);
        }
    }

    private static HttpRequestMessage RequestOf(PactWebhook webhook, PactDelivery delivery)
    {
        var request = new HttpRequestMessage(new HttpMethod(webhook.Method), delivery.Url);
        if (delivery.Body is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        // The same for every try, so that who is told twice can know.
        request.Headers.TryAddWithoutValidation("Idempotency-Key", delivery.Id.ToString("D"));
        foreach (var (name, value) in webhook.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value) && request.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (webhook.Username is { } user)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{webhook.Password}")));
        }

        return request;
    }
}

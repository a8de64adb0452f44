using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Webhooks;

namespace Trunkline.Server.Connectors.Alerts;

/// <summary>
/// Hands the alerts of a notice to an Alertmanager (<c>POST /api/v2/alerts</c>), which forgets them unless it hears again before <see cref="Lasts"/>: so it
/// is told of those that are on again and again. Thread-safe.
/// </summary>
internal sealed class AlertmanagerSink(AlertmanagerSinkConfig sink, HttpClient http, TimeProvider time) : ISinkConnector
{
    /// <summary>How long an alert counts as on after it was told.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(5);

    private readonly Uri _url = new(sink.Url.AbsoluteUri.TrimEnd('/') + "/api/v2/alerts");

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var notice = JsonSerializer.Deserialize(message.Message.Payload.Span, ApiJson.Default.AlertNotice)!;
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new JsonArray([.. notice.Alerts.Select(Alert)]))) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await WebhookAnswer.OfAsync(http, request, time, cancellationToken);
    }

    private JsonNode Alert(AlertView alert)
    {
        // Labels say which alert it is, so nothing that changes is among them.
        var labels = new JsonObject { ["alertname"] = "trunkline-" + alert.Rule, ["severity"] = alert.Severity, ["subject"] = alert.Subject, ["key"] = alert.Key };
        if (alert.Owner is { } owner)
        {
            labels["owner"] = owner;
        }

        var annotations = new JsonObject { ["summary"] = alert.Summary, ["description"] = alert.Detail, ["hop"] = alert.Hop, ["since"] = alert.Since.ToString("O") };
        if (alert.Runbook is { } runbook)
        {
            annotations["runbook_url"] = runbook;
        }

        if (alert.Why is { } why)
        {
            annotations["why"] = why;
        }

        if (alert.Change is { } change)
        {
            annotations["change"] = $"{change.What} of {change.Target} by {change.Who}, {change.At:O}";
        }

        return new JsonObject
        {
            ["labels"] = labels,
            ["annotations"] = annotations,
            ["startsAt"] = alert.Since.ToString("O"),
            ["endsAt"] = (alert.ResolvedAt ?? (time.GetUtcNow() + Lasts)).ToString("O"),
            ["generatorURL"] = alert.Link,
        };
    }
}

using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Client.Api;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors.Webhooks;

namespace Trunkline.Server.Connectors.Alerts;

/// <summary>Triggers, acknowledges and resolves an event for each alert of a notice, as PagerDuty's Events API v2 takes them. Thread-safe.</summary>
internal sealed class PagerSink(PagerSinkConfig sink, HttpClient http, TimeProvider time) : ISinkConnector
{
    private const int SummaryMax = 1024;

    /// <inheritdoc/>
    public async ValueTask<SinkAnswer> SendAsync(SinkMessage message, CancellationToken cancellationToken)
    {
        var notice = JsonSerializer.Deserialize(message.Message.Payload.Span, ApiJson.Default.AlertNotice)!;
        SinkAnswer answer = new SinkAnswer.Sent();
        foreach (var alert in notice.Alerts)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, sink.Url) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(Event(notice.Status, alert))) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            answer = await WebhookAnswer.OfAsync(http, request, time, cancellationToken);
            if (answer is not SinkAnswer.Sent)
            {
                // Those before it are told again with it: an event of the same key changes nothing there.
                return answer;
            }
        }

        return answer;
    }

    private JsonObject Event(string status, AlertView alert) => new()
    {
        ["routing_key"] = sink.RoutingKey.Value,
        ["event_action"] = status switch { "resolved" => "resolve", "acknowledged" => "acknowledge", _ => "trigger" },
        ["dedup_key"] = alert.Id,
        ["payload"] = new JsonObject
        {
            ["summary"] = alert.Summary.Length > SummaryMax ? alert.Summary[..SummaryMax] : alert.Summary,
            ["source"] = alert.Subject,
            ["component"] = alert.Hop,
            ["class"] = alert.Rule,
            ["group"] = alert.Owner,
            ["severity"] = alert.Severity == "page" ? "critical" : "warning",
            ["timestamp"] = alert.Since.ToString("O"),
            ["custom_details"] = JsonSerializer.SerializeToNode(alert, ApiJson.Default.AlertView),
        },
        ["links"] = new JsonArray([.. new[] { (alert.Link, "Trunkline"), (alert.Why, "Suspects"), (alert.Runbook, "Runbook") }.Where(l => !string.IsNullOrEmpty(l.Item1)).Select(l => new JsonObject { ["href"] = l.Item1, ["text"] = l.Item2 })]),
    };
}

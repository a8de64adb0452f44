using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpenTelemetry;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;
using Trunkline.Server.Tests.Schemas;

namespace Trunkline.Server.Tests.Sight.Traces;

/// <summary>Telemetry of other services comes in: from real exporters, in all forms, with the errors OTLP asks for.</summary>
public sealed class OtlpApiTests : IAsyncLifetime
{
    private const string Protobuf = "application/x-protobuf";

    private readonly NodeFixture _node = new("otlp", "node: { broker: { kind: memory }, telemetry: { grpc: \"http://127.0.0.1:0\" } }\n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task The_exporter_of_dotnet_is_understood(OtlpExportProtocol protocol)
    {
        var service = "dotnet" + Guid.NewGuid().ToString("N")[..12];
        using var source = new ActivitySource(service);
        var endpoint = protocol == OtlpExportProtocol.Grpc ? new Uri(_node.App.GrpcUrl) : new Uri(_node.App.Url + "/v1/traces");
        using (var provider = Sdk.CreateTracerProviderBuilder().AddSource(service).ConfigureResource(r => r.AddService(service))
            .AddProcessor(new SimpleActivityExportProcessor(new OtlpTraceExporter(new OtlpExporterOptions { Protocol = protocol, Endpoint = endpoint }))).Build())
        {
            using var call = source.StartActivity("GET /cart", ActivityKind.Server);
            source.StartActivity("read", ActivityKind.Client)?.SetTag("db.system.name", "postgresql").SetStatus(ActivityStatusCode.Error).Dispose();
        }

        var view = await TraceOfAsync(service, spans: 2);
        var (root, child) = (view.Spans[0], view.Spans[1]);
        Assert.Equal(("GET /cart", "server", false), (root.Name, root.Kind, root.Failed));
        Assert.Equal((root.Id, "client", true, "postgresql"), (child.Parent, child.Kind, child.Failed, child.Attributes["db.system.name"]));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task Logs_of_the_exporter_of_dotnet_stand_beside_the_nodes_own(OtlpExportProtocol protocol)
    {
        var service = "dotnet" + Guid.NewGuid().ToString("N")[..12];
        var options = new OtlpExporterOptions { Protocol = protocol, Endpoint = new Uri(protocol == OtlpExportProtocol.Grpc ? _node.App.GrpcUrl : _node.App.Url + "/v1/logs") };
        using var call = new Activity("call").Start();
        using (var logs = LoggerFactory.Create(logging => logging.AddOpenTelemetry(to =>
        {
            to.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(service).AddAttributes([new("trunkline.owner", "tills")]));
            to.AddProcessor(new SimpleLogRecordExportProcessor(new OtlpLogExporter(options)));
        })))
        {
            // As services log: by a template, with what it names.
            logs.CreateLogger("Shop.Pay").Log<KeyValuePair<string, object?>[]>(
                LogLevel.Warning, default, [new("messaging.message.id", service), new("till", 4), new("{OriginalFormat}", "<b>till {till} is slow</b>")], null, (_, _) => "");
        }

        LogLineView? line = null;
        await Eventually.HoldsAsync(
            async () => (line = (await _node.Client.Logs.FindAsync(new LogQuestion { Service = service }, 10, null, Cancel)).Lines.SingleOrDefault()) is not null, "the line is kept");
        Assert.Equal(("warning", "Shop.Pay", "tills", service, call.TraceId.ToHexString()), (line!.Level, line.Category, line.Owner, line.Message, line.Trace));
        Assert.Contains("<b>till {till} is slow</b>", line.Text, StringComparison.Ordinal);
        Assert.Contains("till=4", line.Text, StringComparison.Ordinal);
        foreach (var question in new[] { new LogQuestion { Message = service }, new LogQuestion { Trace = line.Trace, Owner = "tills" }, new LogQuestion { Service = service, Text = "is slow", Level = "warning" } })
        {
            Assert.Equal(line, Assert.Single((await _node.Client.Logs.FindAsync(question, 10, null, Cancel)).Lines));
        }

        Assert.DoesNotContain((await _node.Client.Logs.FindAsync(new LogQuestion { Service = "trunkline" }, 1000, null, Cancel)).Lines, l => l.Service is not null);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task Metrics_of_the_exporter_of_dotnet_stand_at_the_services_node(OtlpExportProtocol protocol)
    {
        var service = "dotnet" + Guid.NewGuid().ToString("N")[..12];
        using var meter = new Meter(service);
        var options = new OtlpExporterOptions { Protocol = protocol, Endpoint = new Uri(protocol == OtlpExportProtocol.Grpc ? _node.App.GrpcUrl : _node.App.Url + "/v1/metrics") };
        using (var provider = Sdk.CreateMeterProviderBuilder().AddMeter(service).ConfigureResource(r => r.AddService(service))
            .AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration { Boundaries = [0.1, 0.2, 0.4] })
            .AddReader(new PeriodicExportingMetricReader(new OtlpMetricExporter(options))).Build())
        {
            var duration = meter.CreateHistogram<double>("http.server.request.duration", "s");
            meter.CreateCounter<long>("carts", "{cart}").Add(3);
            foreach (var (seconds, status) in new[] { (0.15, 200), (0.16, 200), (0.3, 200), (0.05, 500) })
            {
                duration.Record(seconds, new KeyValuePair<string, object?>("http.response.status_code", status));
            }

            // Twice: a second telling of the same counts them once.
            Assert.True(provider.ForceFlush());
            Assert.True(provider.ForceFlush());
        }

        var node = (await _node.Client.GetMapAsync(new MapQuestion(), Cancel)).Nodes.Single(n => n.Id == "service:" + service);
        Assert.Equal(0.25, node.Figures.ErrorShare);
        Assert.InRange(node.Figures.P50Ms!.Value, 140, 160);
        Assert.InRange(node.Figures.P99Ms!.Value, 290, 310);
        Assert.Equal("25 % of what it was asked failed, as it says itself", node.Trouble);
    }

    [Fact]
    [Trait("speed", "slow")]
    public async Task The_exporters_of_node_are_understood()
    {
        var folder = await NodeClients.InstalledAsync("otlp.js", "@opentelemetry/exporter-trace-otlp-grpc");
        var (exit, output) = await NodeClients.RunAsync("node", folder, "otlp.js", _node.App.Url, _node.App.GrpcUrl);
        Assert.True(exit == 0 && output.TrimEnd().EndsWith("ok", StringComparison.Ordinal), output);
        foreach (var exporter in new[] { "http", "proto", "grpc" })
        {
            var view = await TraceOfAsync("node-" + exporter, spans: 2);
            Assert.Equal(["pay", "charge"], view.Spans.Select(s => s.Name));
            Assert.Equal(["consumer", "internal"], view.Spans.Select(s => s.Kind));
            Assert.Equal("3", view.Spans[1].Attributes["items"]);
            Assert.Equal(new SpanLinkView("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"), Assert.Single(view.Spans[0].Links));
        }
    }

    [Fact]
    public async Task Json_and_gzip_are_taken_and_what_is_refused_is_told()
    {
        var good = Json("x", "4bf92f3577b34da6a3ce929d0e0e4736", TimeProvider.System.GetUtcNow());
        var (status, _, body) = await PostAsync("traces", Pack(Encoding.UTF8.GetBytes(good)), "application/json", "gzip");
        Assert.Equal((HttpStatusCode.OK, "{}"), (status, Encoding.UTF8.GetString(body)));

        (status, _, body) = await PostAsync("traces", Encoding.UTF8.GetBytes(Json("x", "4bf92f3577b34da6a3ce929d0e0e4736", TimeProvider.System.GetUtcNow().AddHours(5))), "application/json");
        var partial = JsonDocument.Parse(body).RootElement.GetProperty("partialSuccess");
        Assert.Equal((HttpStatusCode.OK, "1"), (status, partial.GetProperty("rejectedSpans").GetString()));
        Assert.Contains("an hour ahead", partial.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_come_in_the_form_that_was_sent_with_what_to_do()
    {
        var (status, type, body) = await PostAsync("traces", [1, 2, 3], Protobuf);
        Assert.Equal((HttpStatusCode.BadRequest, Protobuf), (status, type));
        Assert.Contains("request.body-invalid", Google.Rpc.Status.Parser.ParseFrom(body).Message, StringComparison.Ordinal);

        (status, _, body) = await PostAsync("logs", "[]"u8.ToArray(), "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(3, JsonDocument.Parse(body).RootElement.GetProperty("code").GetInt32());

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync("traces", [], "text/plain")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync("traces", [], Protobuf, "br")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("traces", [1, 2], Protobuf, "gzip")).Status);

        // A few kilobytes that would become a hundred megabytes.
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync("traces", Pack(new byte[100 * 1024 * 1024]), Protobuf, "gzip")).Status);
    }

    [Fact]
    public async Task Metrics_that_are_not_known_are_counted_and_told()
    {
        var (status, _, body) = await PostAsync("metrics", """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"}]}]}]}"""u8.ToArray(), "application/json");
        var partial = JsonDocument.Parse(body).RootElement.GetProperty("partialSuccess");
        Assert.Equal((HttpStatusCode.OK, "0"), (status, partial.GetProperty("rejectedDataPoints").GetString()));
        Assert.Contains("counted and not kept, such as m", partial.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        var metrics = await _node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        Assert.Contains("trunkline_received_telemetry_total", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_telemetry_is_reached_over_the_listener_of_grpc()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, _node.App.GrpcUrl + "/api/v1/topics") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_with_the_scope_is_asked_for_as_by_the_api()
    {
        const string Token = "0123456789abcdef0123456789abcdef";
        await using var node = new NodeFixture(
            "otlp-auth", $"node: {{ broker: {{ kind: memory }}, auth: {{ shop: {{ token: \"{Token}\", scopes: publish }} }}, telemetry: {{ grpc: \"http://127.0.0.1:0\" }} }}\n");
        await node.StartAsync();
        foreach (var (url, type, version) in new[]
        {
            (node.App.Url + "/v1/traces", Protobuf, HttpVersion.Version11),
            (node.App.GrpcUrl + "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "application/grpc", HttpVersion.Version20),
        })
        {
            foreach (var (token, status) in new[] { (null, HttpStatusCode.Unauthorized), ("wrong", HttpStatusCode.Unauthorized), (Token, HttpStatusCode.OK) })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(type == Protobuf ? [] : new byte[5]) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
                request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
                using var answer = await _node.Http.SendAsync(request, Cancel);
                Assert.Equal(status, answer.StatusCode);
            }
        }
    }

    [Fact]
    public async Task While_too_much_waits_senders_are_told_to_come_again()
    {
        // Half the queue a request: of several at once one finds no room.
        var half = OtlpWriter.Write(Enumerable.Range(0, 10_000).Select(_ => SampleSpans.Now("many"))).ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostAsync("traces", half, Protobuf)));
        Assert.Contains(answers, a => a.Status == HttpStatusCode.TooManyRequests);
        Assert.Contains(answers, a => a.Status == HttpStatusCode.OK);
    }

    private async Task<TraceView> TraceOfAsync(string service, int spans)
    {
        TraceSummary? found = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                found = (await _node.Client.Traces.ListAsync(new TraceQuery { Service = service }, Cancel)).Traces.SingleOrDefault();
                return found?.Spans == spans;
            },
            $"a trace of {service} is kept");
        return await _node.Client.Traces.GetAsync(found!.Trace, Cancel);
    }

    private async Task<(HttpStatusCode Status, string? Type, byte[] Body)> PostAsync(string signal, byte[] body, string type, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var answer = await _node.Http.PostAsync(new Uri("/v1/" + signal, UriKind.Relative), content, Cancel);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    private static byte[] Pack(byte[] body)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    private static string Json(string service, string trace, DateTimeOffset at) => $$$"""
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}}]},
        "scopeSpans":[{"spans":[{"traceId":"{{{trace}}}","spanId":"00f067aa0ba902b7","name":"a","kind":2,"startTimeUnixNano":"{{{TraceTime.Of(at)}}}","endTimeUnixNano":"{{{TraceTime.Of(at)}}}"}]}]}]}
        """;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Sight.Export;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>Sending spans to a collector: over both protocols, with none there, and which.</summary>
public sealed class ExportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http", "/v1/traces")]
    [InlineData("grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    public async Task A_collector_gets_the_spans(string protocol, string path)
    {
        // What another program's exporter is told in the environment is none of this node's business.
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_HEADERS", "x-other=secret");
        using var unset = new Unset("OTEL_EXPORTER_OTLP_HEADERS");
        var got = new ConcurrentQueue<(string Path, string Body)>();
        var others = 0;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            others += context.Request.Headers.ContainsKey("x-other") ? 1 : 0;
            got.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = context.Request.ContentType;
            if (protocol == "grpc")
            {
                context.Response.DeclareTrailer("grpc-status");
                await context.Response.Body.WriteAsync(new byte[5]);
                context.Response.AppendTrailer("grpc-status", "0");
            }
        });
        await collector.StartAsync(Cancel);
        var topic = "sent" + Guid.NewGuid().ToString("N")[..12];
        await using var node = await Node.StartAsync(topic, $"{{ endpoint: \"{collector.Urls.First()}\", protocol: {protocol} }}");
        await node.PublishAsync();
        await Eventually.HoldsAsync(() => got.Any(IsMine), "the collector has the span");
        Assert.Equal(0, others);

        bool IsMine((string Path, string Body) request) => request.Path == path && request.Body.Contains($"send {topic}", StringComparison.Ordinal);
    }

    private sealed class Unset(string variable) : IDisposable
    {
        public void Dispose() => Environment.SetEnvironmentVariable(variable, null);
    }

    [Fact]
    public async Task Without_the_collector_messages_go_on_and_the_loss_is_counted()
    {
        using var counts = new SpanCounts();
        await using var node = await Node.StartAsync("away", "{ endpoint: \"http://127.0.0.1:9\", protocol: http }");
        await node.PublishAsync();
        await Eventually.HoldsAsync(() => counts["failed"] > 0, "a failure was counted");
    }

    [Fact]
    public void A_collector_that_hangs_costs_a_full_queue_and_no_more()
    {
        using var counts = new SpanCounts();
        using var hang = new ManualResetEventSlim();
        using var exporter = new HangingExporter(hang);
        using var source = new ActivitySource("hang" + Guid.NewGuid());
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource(source.Name).AddProcessor(_ => new BoundedSpans(exporter, 1000)).Build();
        for (var i = 0; i < BoundedSpans.QueueMax + 100; i++)
        {
            source.StartActivity("x")?.Stop();
        }

        Assert.True(counts["dropped"] >= 100);
        hang.Set();
    }

    [Fact]
    public void A_trace_is_kept_whole_or_not_at_all()
    {
        var sampler = new SampledSpans(0.25);
        var kept = 0;
        for (var i = 0; i < 4000; i++)
        {
            var trace = ActivityTraceId.CreateRandom();
            var decisions = Enumerable.Range(0, 3).Select(_ => Decide(sampler, trace, ActivityTraceFlags.None)).Distinct();
            kept += Assert.Single(decisions) == SamplingDecision.RecordAndSample ? 1 : 0;
            Assert.Equal(SamplingDecision.RecordAndSample, Decide(sampler, trace, ActivityTraceFlags.Recorded));
        }

        // 1000 expected with a deviation of 27; nine of them either way.
        Assert.InRange(kept, 750, 1250);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.0001)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Which_traces_are_within_a_share_is_what_services_around_decide(double share)
    {
        var theirs = new TraceIdRatioBasedSampler(share);
        var ours = new TraceRatio(share);
        Gen.Byte.Array[16].Where(id => id.Any(b => b != 0)).Sample(id =>
        {
            var trace = ActivityTraceId.CreateFromBytes(id);
            var decision = theirs.ShouldSample(new SamplingParameters(default, trace, "", ActivityKind.Internal)).Decision;
            Assert.Equal(decision == SamplingDecision.RecordAndSample, ours.Includes(TraceMark.Of(trace)));
        }, iter: 10_000);
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityTraceFlags.None, SamplingDecision.RecordOnly)]
    public void A_batch_is_kept_with_its_messages(ActivityTraceFlags flags, object decision)
    {
        var links = new[] { new ActivityLink(new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags)) };
        var sampled = new SampledSpans(0.5).ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), "settle", ActivityKind.Client, null, links));
        Assert.Equal(decision, sampled.Decision);
    }

    private static SamplingDecision Decide(SampledSpans sampler, ActivityTraceId trace, ActivityTraceFlags flags)
    {
        var parent = new ActivityContext(trace, ActivitySpanId.CreateRandom(), flags);
        return sampler.ShouldSample(new SamplingParameters(parent, trace, "process", ActivityKind.Consumer, null, [new ActivityLink(parent)])).Decision;
    }

    private sealed class HangingExporter(ManualResetEventSlim hang) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            hang.Wait(TimeSpan.FromMinutes(1));
            return ExportResult.Success;
        }
    }

    private sealed class SpanCounts : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _counts = new();
        private readonly MeterListener _listener = new();

        public SpanCounts()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == TelemetryNames.ExportedSpans)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => _counts.AddOrUpdate((string)tags[0].Value!, count, (_, sum) => sum + count));
            _listener.Start();
        }

        public long this[string outcome] => _counts.GetValueOrDefault(outcome);

        public void Dispose() => _listener.Dispose();
    }

    private sealed class Node(TrunklineApp app, HttpClient http, string topic, string folder) : IAsyncDisposable
    {
        public static async Task<Node> StartAsync(string topic, string otlp)
        {
            var folder = Directory.CreateTempSubdirectory("trunkline-otlp-").FullName;
            var file = Path.Combine(folder, "trunkline.yaml");
            await File.WriteAllTextAsync(file, $"node: {{ broker: {{ kind: memory }}, telemetry: {{ sample: 1, otlp: {otlp} }} }}\ntopics: {{ {topic}: {{}} }}\n", Cancel);
            var app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(folder, "data"));
            await app.StartAsync(Cancel);
            return new Node(app, new HttpClient { BaseAddress = new Uri(app.Url) }, topic, folder);
        }

        public async Task PublishAsync()
        {
            using var answer = await http.PostAsync($"/api/v1/topics/{topic}/messages", new StringContent("{}", Encoding.UTF8, "application/json"), Cancel);
            Assert.True(answer.IsSuccessStatusCode);
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}

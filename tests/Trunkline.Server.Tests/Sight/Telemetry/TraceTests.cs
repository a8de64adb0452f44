using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Trunkline.Core.Telemetry;

namespace Trunkline.Server.Tests.Sight.Telemetry;

/// <summary>The spans of a message's way, from the request that publishes it to the webhook that gets it.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Caller = "00f067aa0ba902b7";

    private readonly string _mine = "way" + Guid.NewGuid().ToString("N")[..12];
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-trace-").FullName;
    private readonly TaskCompletionSource<string> _hook = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _receiver = null!;
    private TrunklineApp _app = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.Run(context =>
        {
            _hook.TrySetResult(context.Request.Headers["traceparent"].ToString());
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await _receiver.StartAsync(Cancel);
        var file = Path.Combine(_folder, "trunkline.yaml");
        await File.WriteAllTextAsync(file, Project(_receiver.Urls.First()), Cancel);
        _app = TrunklineApp.Create("-f", file, "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"));
        await _app.StartAsync(Cancel);
        _http = new HttpClient { BaseAddress = new Uri(_app.Url) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _receiver.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task One_trace_leads_from_the_caller_through_two_topics_to_the_webhook()
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllDataAndRecorded);
        await PublishAsync("""{"text":"fine"}""", $"00-{Trace}-{Caller}-01");
        var post = await log.WaitAsync(s => s.DisplayName.StartsWith(SpanNames.Deliver, StringComparison.Ordinal));
        var settle = await log.WaitAsync(s => s.DisplayName == $"settle {_mine}-first");
        var spans = log.Spans();
        var send = spans.Single(s => s.DisplayName == $"send {_mine}-in");
        var first = spans.Single(s => s.DisplayName == $"process {_mine}-in");
        var second = spans.Single(s => s.DisplayName == $"process {_mine}-mid");
        Assert.Equal((Trace, Caller, ActivityKind.Producer), (send.TraceId.ToString(), send.ParentSpanId.ToString(), send.Kind));
        Assert.Equal((send.SpanId, ActivityKind.Consumer), (first.ParentSpanId, first.Kind));
        Assert.Equal(send.SpanId, Assert.Single(first.Links).Context.SpanId);
        Assert.Equal(first.SpanId, second.ParentSpanId);
        Assert.Equal(first.SpanId, Assert.Single(second.Links).Context.SpanId);
        Assert.Equal($"00-{Trace}-{post.SpanId}-01", await _hook.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel));
        Assert.Contains(first.SpanId, settle.Links.Select(link => link.Context.SpanId));
        var infer = spans.Single(s => s.DisplayName == "infer mood");
        var step = spans.Single(s => s.DisplayName == "step infer-2");
        Assert.Equal((step.SpanId, first.SpanId), (infer.ParentSpanId, step.ParentSpanId));
        Assert.Equal("lexicon", infer.GetTagItem(SpanNames.GenAiProvider));
        Assert.All(spans, s => Assert.True(s.Duration > TimeSpan.Zero, s.DisplayName));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task A_request_to_a_flow_is_a_span_that_its_message_continues(string type)
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllDataAndRecorded);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/in/{_mine}-door") { Content = new StringContent("1", Encoding.UTF8, type) };
        request.Headers.Add("traceparent", $"00-{Trace}-{Caller}-01");
        using var answer = await _http.SendAsync(request, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        var send = await log.WaitAsync(s => s.DisplayName == $"send http:/{_mine}-door");
        var process = await log.WaitAsync(s => s.DisplayName == $"process http:/{_mine}-door");
        Assert.Equal((Trace, Caller, ActivityKind.Producer), (send.TraceId.ToString(), send.ParentSpanId.ToString(), send.Kind));
        Assert.Equal((send.SpanId, send.SpanId), (process.ParentSpanId, Assert.Single(process.Links).Context.SpanId));
    }

    [Fact]
    public async Task Every_name_is_in_the_list_and_no_payload_in_a_span()
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllDataAndRecorded);
        await PublishAsync("""{"text":"top-secret-text"}""", null);
        await PublishAsync("broken-secret-text", null);
        await log.WaitAsync(s => s.DisplayName.StartsWith(SpanNames.Deliver, StringComparison.Ordinal));
        await log.WaitAsync(s => s.Status == ActivityStatusCode.Error && s.Kind == ActivityKind.Consumer);
        var known = typeof(SpanNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetValue(null)!).ToHashSet();
        foreach (var span in log.Spans())
        {
            Assert.Contains(known, name => span.DisplayName == name || span.DisplayName.StartsWith(name + " ", StringComparison.Ordinal));
            Assert.All(span.TagObjects, tag => Assert.Contains(tag.Key, known));
            Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("secret-text", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_fails_is_kept_although_it_was_not_sampled()
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllData);
        await PublishAsync("not json", $"00-{Trace}-{Caller}-00");
        var failed = await log.WaitAsync(s => s.DisplayName == $"process {_mine}-in");
        Assert.Equal((ActivityStatusCode.Error, "failed"), (failed.Status, failed.GetTagItem(SpanNames.Outcome)));
        Assert.NotNull(failed.GetTagItem(SpanNames.ErrorType));
        Assert.Contains(log.Spans(), s => s.ParentSpanId == failed.SpanId && s.Status == ActivityStatusCode.Error);
    }

    [Fact]
    public async Task Messages_lent_to_a_consumer_are_linked_one_by_one()
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllDataAndRecorded);
        await PublishAsync("1", null, "lent");
        await PublishAsync("2", null, "lent");
        using var answer = await _http.PostAsync(
            $"/api/v1/topics/{_mine}-lent/groups/g/fetch", new StringContent("""{"max":10,"waitMs":10000}""", Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var receive = await log.WaitAsync(s => s.DisplayName == $"receive {_mine}-lent");
        Assert.Equal((int)receive.GetTagItem(SpanNames.BatchCount)!, receive.Links.Count());
    }

    [Fact]
    public async Task A_next_try_tells_how_long_it_waited_for_it()
    {
        using var log = new SpanLog(_mine, ActivitySamplingResult.AllDataAndRecorded);
        await PublishAsync("1", null, "flaky");
        var wait = await log.WaitAsync(s => s.DisplayName == SpanNames.RetryWait);
        var second = await log.WaitAsync(s => s.SpanId == wait.ParentSpanId);
        Assert.Equal(2, second.GetTagItem(SpanNames.Attempt));
        Assert.True(wait.StartTimeUtc <= second.StartTimeUtc);
    }

    private string Project(string receiver) => $$"""
        node: { broker: { kind: memory } }
        topics: { {{_mine}}-in: {}, {{_mine}}-mid: {}, {{_mine}}-lent: { partitions: 1 }, {{_mine}}-flaky: {} }
        models:
          mood: { kind: lexicon }
          away: { kind: http, endpoint: "http://127.0.0.1:9", timeout: 1s }
        flows:
          {{_mine}}-first:
            from: { topic: {{_mine}}-in }
            steps: [ { parse: json }, { infer: { model: mood, input: message.text, output: mood } } ]
            to: { topic: {{_mine}}-mid }
          {{_mine}}-second:
            from: { topic: {{_mine}}-mid }
            to: { webhook: { url: "{{receiver}}/hook" } }
          {{_mine}}-door: { from: { http: /{{_mine}}-door }, to: { topic: {{_mine}}-lent } }
          {{_mine}}-third:
            from: { topic: {{_mine}}-flaky }
            steps: [ { parse: json }, { infer: { model: away, input: message, output: away } } ]
            to: { topic: {{_mine}}-mid }
            retry: { attempts: 2, backoff: 20ms..20ms }
        """;

    private async Task PublishAsync(string body, string? traceParent, string topic = "in")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/topics/{_mine}-{topic}/messages");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (body is "not json" or "broken-secret-text")
        {
            request.Content = new StringContent(body, Encoding.UTF8, "text/plain");
            request.Headers.Add("ce-id", Guid.NewGuid().ToString());
            request.Headers.Add("ce-source", "test");
            request.Headers.Add("ce-type", "test");
            request.Headers.Add("ce-specversion", "1.0");
        }

        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        using var answer = await _http.SendAsync(request, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}

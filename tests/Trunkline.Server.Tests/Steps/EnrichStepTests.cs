using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Trunkline.Core.Security;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;
using Trunkline.Server.Tests.Configuration;

namespace Trunkline.Server.Tests.Steps;

/// <summary>Bodies enriched by a real HTTP service on loopback, a well-behaved one and others.</summary>
public sealed class EnrichStepTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ModelCatalog _catalog = new(new OutgoingAddressPolicy(), new Dictionary<string, IModel>(), TimeProvider.System);
    private WebApplication? _app;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _catalog.DisposeAsync();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_answer_is_put_into_the_body_and_the_message_decides_the_address_only_behind_the_host()
    {
        var service = await StartAsync(context => context.Response.WriteAsJsonAsync(new { name = "Anna", path = context.Request.Path.Value }, Cancel));
        var step = new EnrichStepConfig("enrich-1", service + "customers/{{ message.id }}?q={{ message.q }}", "customer", Pipelines.Here) { Token = new Secret("t0ken") };

        Assert.Equal("""{"id":"7/../8?x","q":"a&b=c","customer":{"name":"Anna","path":"/customers/7%2F..%2F8?x"}}""", await Factory(step).BodyAsync(Pipelines.Json("""{"id":"7/../8?x","q":"a&b=c"}""")));
        Assert.Equal("GET /customers/7%2F..%2F8%3Fx?q=a%26b%3Dc Bearer t0ken  ", Assert.Single(_requests));
        foreach (var climbing in new[] { "..", "." })
        {
            Assert.Equal("step.enrich-address", (await Factory(step).FaultAsync(Pipelines.Json($$"""{"id":"{{climbing}}"}"""))).Code);
        }
    }

    [Fact]
    public async Task A_body_is_posted_with_a_key_that_stays_the_same_over_tries()
    {
        var service = await StartAsync(context => context.Response.WriteAsync("[1]", Cancel));
        var factory = Factory(new EnrichStepConfig("enrich-1", service, "found", Pipelines.Here) { Body = "({ text: message.text })" });
        await factory.RunAsync(Pipelines.Json("""{"text":"hi"}"""));
        await factory.RunAsync(Pipelines.Json("""{"text":"hi"}"""), attempt: 2);
        Assert.StartsWith("POST / ", _requests.First(), StringComparison.Ordinal);
        Assert.EndsWith("""{"text":"hi"}""", _requests.First(), StringComparison.Ordinal);
        Assert.Single(_requests.Distinct());
    }

    [Theory]
    [InlineData(404, false, null)]
    [InlineData(404, true, "step.enrich-refused")]
    [InlineData(400, false, "step.enrich-refused")]
    [InlineData(302, false, "step.enrich-refused")]
    [InlineData(429, false, "step.enrich-rate-limited")]
    [InlineData(503, false, "step.enrich-unavailable")]
    public async Task Its_status_says_what_becomes_of_the_message(int status, bool fails, string? code)
    {
        var service = await StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers.Location = "http://169.254.169.254/";
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var result = await Factory(new EnrichStepConfig("enrich-1", service, "found", Pipelines.Here) { FailsIfMissing = fails }).RunAsync(Pipelines.Json("{}"));
        if (code is null)
        {
            Assert.Equal("""{"found":null}""", Pipelines.Text(Assert.IsType<PipelineResult.Delivered>(result).Outputs[0].Message));
        }
        else
        {
            var fault = Assert.IsType<PipelineResult.Failed>(result).Fault;
            Assert.Equal((code, (TimeSpan?)TimeSpan.FromSeconds(7)), (fault.Code, fault.RetryAfter));
        }

        Assert.Single(_requests);
    }

    [Fact]
    public async Task An_endless_a_dripping_and_a_broken_answer_end_within_their_bounds()
    {
        var service = await StartAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/endless":
                    while (true)
                    {
                        await context.Response.Body.WriteAsync(new byte[64 * 1024], context.RequestAborted);
                    }

                case "/drip":
                    while (true)
                    {
                        await context.Response.WriteAsync(" ", context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, context.RequestAborted);
                    }

                case "/text":
                    await context.Response.WriteAsync("not json", Cancel);
                    break;
                default:
                    context.Response.ContentLength = 1_000;
                    await context.Response.WriteAsync("{}", Cancel);
                    context.Abort();
                    break;
            }
        });
        var step = new EnrichStepConfig("enrich-1", service + "{{ message.path }}", "found", Pipelines.Here) { Timeout = TimeSpan.FromMilliseconds(500) };
        Assert.Equal("step.enrich-malformed", (await Factory(step with { Timeout = TimeSpan.FromSeconds(60) }).FaultAsync(Pipelines.Json("""{"path":"endless"}"""))).Code);
        Assert.Equal("step.enrich-timeout", (await Factory(step).FaultAsync(Pipelines.Json("""{"path":"drip"}"""))).Code);
        Assert.Equal("step.enrich-malformed", (await Factory(step).FaultAsync(Pipelines.Json("""{"path":"text"}"""))).Code);
        Assert.Equal("step.enrich-unavailable", (await Factory(step).FaultAsync(Pipelines.Json("""{"path":"lies"}"""))).Code);
    }

    [Fact]
    public async Task Private_addresses_are_not_asked_unless_listed() => Assert.Equal(
        "step.enrich-unavailable", (await Factory(new EnrichStepConfig("enrich-1", "http://10.0.0.1:9/", "found", Pipelines.Here)).FaultAsync(Pipelines.Json("{}"))).Code);

    [Fact]
    public async Task A_replay_is_answered_from_the_recording()
    {
        var service = await StartAsync(context => context.Response.WriteAsync("1", Cancel));
        var step = new EnrichStepConfig("enrich-1", service, "found", Pipelines.Here);
        var first = Assert.IsType<PipelineResult.Delivered>(await Factory(step).RunAsync(Pipelines.Json("{}")));
        var replayer = new EffectReplayer(new ReplayRules { MayRun = _ => false });
        replayer.Add(Assert.Single(first.Effects));
        Assert.Equal("""{"found":1}""", await Factory(step, new EffectPort(replayer.InterceptAsync)).BodyAsync(Pipelines.Json("{}")));
        Assert.Single(_requests);
    }

    [Theory]
    [InlineData("https://{{ message.host }}/x")]
    [InlineData("https://crm.{{ message.host }}/x")]
    [InlineData("https://user:pass@crm.example.com/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://crm.example.com")]
    [InlineData("https://crm.example.com/{% include 'x' %}")]
    public void A_project_whose_messages_could_choose_the_host_is_refused(string url) => Assert.Contains(
        Projects.Load($"topics: {{ in: {{}}, out: {{}} }}\nflows:\n  a:\n    from: {{ topic: in }}\n    steps: [ {{ enrich: {{ url: \"{url}\", output: found }} }} ]\n    to: {{ topic: out }}\n").Faults,
        fault => fault.Message.Contains("url", StringComparison.Ordinal));

    private IPipelineFactory Factory(EnrichStepConfig step, EffectPort? effects = null)
    {
        var flow = new FlowConfig
        {
            Name = "enriching",
            From = new TopicSourceConfig("in", "flow.enriching", Messaging.Brokers.SubscribeStart.Earliest, Pipelines.Here),
            Steps = [step],
            Branches = [Pipelines.To("out")],
        };
        return new ProjectPipelineFactory(flow, "1", new PipelineServices(effects ?? new EffectPort(), _catalog.Lease(new ProjectConfig()), new Dictionary<string, CustomStep>(), TimeProvider.System));
    }

    private async Task<string> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var request = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!;
            _requests.Enqueue($"{context.Request.Method} {request.RawTarget} {context.Request.Headers.Authorization} {context.Request.Headers["Idempotency-Key"]} {await body.ReadToEndAsync(Cancel)}");
            await answer(context);
        });
        await _app.StartAsync(Cancel);
        return _app.Urls.Single() + "/";
    }
}

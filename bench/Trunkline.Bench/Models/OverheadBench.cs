using System.Diagnostics;
using System.Text;
using HdrHistogram;
using Trunkline.Core.Limits;
using Trunkline.Messaging;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;
using Trunkline.Server.Steps;

namespace Trunkline.Bench.Models;

/// <summary>
/// Own overhead of a model call: at 1,000 calls a second, all that a call of an infer step takes less what passes between handing the
/// request to the HTTP handler and the first byte of its answer; beside a bare HttpClient on the same schedule and upstream.
/// </summary>
internal static class OverheadBench
{
    public const int PerSecond = 1000;

    private static readonly byte[] Question = "\"Where is my order? I have waited for two weeks now.\""u8.ToArray();
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>One round of a step's calls: whole time and own time.</summary>
    public static async Task<CallTimes> StepAsync(double seconds)
    {
        await using var upstream = new InstantUpstream();
        using var handler = new TimedHandler();
        var config = new ModelConfig
        {
            Name = "reply",
            Kind = "openai",
            Endpoint = upstream.Endpoint,
            Model = "small",
            MaxTokens = 100,
            Limits = new ModelLimitsConfig
            {
                Concurrency = new ConcurrencySettings { Max = 256, Start = 64 },
                Budgets = [new BudgetSettings { Tokens = int.MaxValue, Per = TimeSpan.FromDays(1) }],
                Price = new PriceConfig(1, 2, 0),
            },
        };
        await using var model = ModelFactory.Create(new ModelOptions { Name = "reply", Kind = "openai", Endpoint = upstream.Endpoint, Model = "small", MaxTokens = 100, Handler = handler });
        using var limits = new ModelLimits(config, new BudgetBook(), TimeProvider.System);
        using var handle = new ModelHandle(new Lazy<IModel>(model), TimeSpan.FromSeconds(30)) { Name = "reply", Limits = limits };
        var call = new ModelCall("infer-1", "reply", handle, TimeProvider.System, null);
        var port = new EffectPort();
        return await MeasureAsync(seconds, async number =>
        {
            var message = new Message { Id = new MessageId($"m-{number}"), Source = "/bench", Payload = Question };
            var effects = new MessageEffects(new PipelineInput("in", new StoredMessage(message, new Position(0, number), DateTimeOffset.UnixEpoch), 1), port);
            var waited = TimedHandler.Begin();
            await call.AskAsync(effects, "infer-1", Question, CancellationToken.None);
            return waited.Elapsed;
        });
    }

    /// <summary>One round of bare calls: the same request, the answer read as bytes.</summary>
    public static async Task<CallTimes> BareAsync(double seconds)
    {
        await using var upstream = new InstantUpstream();
        using var handler = new TimedHandler();
        using var http = new HttpClient(handler);
        var address = new Uri(upstream.Endpoint.AbsoluteUri + "/chat/completions");
        var body = Encoding.UTF8.GetBytes($$"""{"model":"small","messages":[{"role":"user","content":{{Encoding.UTF8.GetString(Question)}}}],"max_tokens":100}""");
        return await MeasureAsync(seconds, async _ =>
        {
            var waited = TimedHandler.Begin();
            using var content = new ByteArrayContent(body);
            using var answer = await http.PostAsync(address, content);
            await answer.Content.ReadAsByteArrayAsync();
            return waited.Elapsed;
        });
    }

    private static async Task<CallTimes> MeasureAsync(double seconds, Func<int, Task<TimeSpan>> call)
    {
        // Connections are opened and code is compiled before anything counts.
        for (var i = 0; i < 2_000; i++)
        {
            await call(i);
        }

        var times = new CallTimes(new LongHistogram(60_000_000, 3), new LongHistogram(60_000_000, 3));
        var cpu = Environment.CpuUsage.TotalTime;
        var total = (int)(PerSecond * seconds);
        var start = Stopwatch.GetTimestamp();
        var pending = new List<Task>();
        for (var sent = 0; sent < total;)
        {
            for (var due = Math.Min((int)(Stopwatch.GetElapsedTime(start).TotalSeconds * PerSecond), total); sent < due; sent++)
            {
                pending.Add(OneAsync(call, sent, times));
            }

            pending.RemoveAll(p => p.IsCompletedSuccessfully);
            await Task.Delay(Tick, TimeProvider.System);
        }

        await Task.WhenAll(pending);
        return times with { CpuMicros = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / total };
    }

    private static async Task OneAsync(Func<int, Task<TimeSpan>> call, int number, CallTimes times)
    {
        var began = Stopwatch.GetTimestamp();
        var waited = await call(number);
        var whole = Stopwatch.GetElapsedTime(began);
        lock (times)
        {
            times.Whole.RecordValue(Micros(whole));
            times.Own.RecordValue(Micros(whole - waited));
        }
    }

    private static long Micros(TimeSpan time) => Math.Clamp((long)time.TotalMicroseconds, 1, 60_000_000);

    /// <summary>Times what passes below it: for the call at hand, by its asynchronous context.</summary>
    private sealed class TimedHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        private static readonly AsyncLocal<Waited?> s_current = new();

        public static Waited Begin() => s_current.Value = new Waited();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var began = Stopwatch.GetTimestamp();
            var response = await base.SendAsync(request, cancellationToken);
            if (s_current.Value is { } waited)
            {
                waited.Elapsed += Stopwatch.GetElapsedTime(began);
            }

            return response;
        }
    }

    private sealed class Waited
    {
        public TimeSpan Elapsed { get; set; }
    }
}

/// <summary>Times of calls in µs.</summary>
/// <param name="Whole">All of it.</param>
/// <param name="Own">Less what passed below the HTTP handler.</param>
internal sealed record CallTimes(LongHistogram Whole, LongHistogram Own)
{
    /// <summary>Processor time of the process a call, upstream and schedule included.</summary>
    public double CpuMicros { get; init; }
}

using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Webhooks;
using Trunkline.Server.Flows;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors;

public sealed class WebhookTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_signature_agrees_with_the_example_of_the_specification()
    {
        // https://github.com/standard-webhooks/standard-webhooks, the symmetric example of the reference libraries.
        var signature = new WebhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var signed = signature.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signed);
    }

    [Fact]
    public void A_broken_secret_is_refused_and_a_raw_one_taken()
    {
        Assert.Throws<ArgumentException>(() => new WebhookSignature("whsec_"));
        Assert.Throws<ArgumentException>(() => new WebhookSignature("whsec_!"));
        Assert.StartsWith("v1,", new WebhookSignature("plain secret").Sign("a", 1, default), StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_fits_no_header_is_hashed_and_stays_the_same()
    {
        Assert.Equal("abc-1", SentId.Of(new Message { Id = new MessageId("abc-1") }));
        var odd = SentId.Of(new Message { Id = new MessageId("a\r\nb.c") });
        Assert.Equal(odd, SentId.Of(new Message { Id = new MessageId("a\r\nb.c") }));
        Assert.Matches("^msg_[0-9a-f]{64}$", odd);
    }

    [Fact]
    public async Task A_message_is_sent_signed_and_a_retry_carries_the_same_id()
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, n) =>
        {
            context.Response.StatusCode = n <= 2 ? 503 : 204;
            return Task.CompletedTask;
        });
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToWebhook(receiver.Url, "secret"))), 1, Cancel);
        await fixture.PublishAsync("in", "k:{\"a\":1}");
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Sinks[0] is { Delivered: 1, Lag: 0 }, "it was taken");
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(r => r.Id).Distinct());
        foreach (var got in receiver.Requests)
        {
            Assert.Equal("k:{\"a\":1}", Encoding.UTF8.GetString(got.Body));
            Assert.Equal("application/json", got.ContentType);
            var timestamp = long.Parse(got.Timestamp, CultureInfo.InvariantCulture);
            Assert.Equal(new WebhookSignature("secret").Sign(got.Id, timestamp, got.Body), got.Signature);
        }

        Assert.Equal(2, (await supervisor.SnapshotAsync("f", Cancel))!.Sinks[0].Retries);
    }

    [Theory]
    [InlineData(410, "sink.gone", "1")]
    [InlineData(400, "sink.refused", "1")]
    [InlineData(302, "sink.redirected", "1")]
    [InlineData(429, "sink.rate-limited", "3")]
    [InlineData(500, "sink.unavailable", "3")]
    public async Task A_refusal_becomes_a_dead_letter_of_the_flow(int status, string cause, string attempts)
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:1/elsewhere";
            return Task.CompletedTask;
        });
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToWebhook(receiver.Url))), 1, Cancel);
        await fixture.PublishAsync("in", "k:1");
        await fixture.HoldsAsync("f.dead", 1);
        var dead = (await fixture.ReadAsync("f.dead"))[0].Message;
        Assert.Equal(cause, dead.Headers.Text(HeaderNames.Cause));
        Assert.Equal("webhook-1", dead.Headers.Text(HeaderNames.Step));
        Assert.Equal(attempts, dead.Headers.Text(HeaderNames.Attempts));
        Assert.Equal("f", dead.Headers.Text(HeaderNames.Flow));
        Assert.StartsWith("trunkline.outbox.f.webhook-1/", dead.Headers.Text(HeaderNames.Position), StringComparison.Ordinal);
        Assert.Equal(int.Parse(attempts, CultureInfo.InvariantCulture), receiver.Requests.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", "sink.unreachable")]
    [InlineData("http://169.254.169.254/latest/meta-data", "sink.address-refused")]
    public async Task What_cannot_or_may_not_be_reached_becomes_a_dead_letter(string url, string cause)
    {
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToWebhook(new Uri(url)))), 1, Cancel);
        await fixture.PublishAsync("in", "k:1");
        await fixture.HoldsAsync("f.dead", 1);
        Assert.Equal(cause, (await fixture.ReadAsync("f.dead"))[0].Message.Headers.Text(HeaderNames.Cause));
    }

    [Fact]
    public async Task A_hanging_receiver_slows_neither_the_topic_sink_nor_another_webhook()
    {
        var forever = new TaskCompletionSource();
        await using var hanging = await WebhookReceiver.StartAsync((context, _) => forever.Task.WaitAsync(context.RequestAborted));
        await using var healthy = await WebhookReceiver.StartAsync((_, _) => Task.CompletedTask);
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        var flow = Flow(
            "f", FromTopic(), ToTopic(), ToWebhook(hanging.Url, timeoutMs: 60_000), ToWebhook(healthy.Url, name: "webhook-2"));
        await supervisor.ApplyAsync(Project(flow), 1, Cancel);
        await fixture.PublishAsync("in", Enumerable.Range(0, 500).Select(i => $"k{i % 20}:{i}"));
        await fixture.HoldsAsync("out", 500);
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Sinks[1].Delivered == 500, "the healthy one has all");
        var snapshot = (await supervisor.SnapshotAsync("f", Cancel))!;
        Assert.Equal((0, 500, 0), (snapshot.Sinks[0].Delivered, snapshot.Sinks[0].Lag, snapshot.Lag));
        Assert.Equal(FlowState.Running, snapshot.State);

        // What waits is durable: after a restart the receiver gets it.
        await supervisor.StopAsync(TimeSpan.Zero);
        forever.SetResult();
        var next = fixture.Start();
        await next.ApplyAsync(Project(flow), 1, Cancel);
        await Eventually.HoldsAsync(async () => (await next.SnapshotAsync("f", Cancel))!.Sinks[0].Lag == 0, "all was sent");
        Assert.Equal(500, hanging.Requests.Select(r => r.Id).Distinct().Count());
        var perKey = healthy.Requests.Select(r => Encoding.UTF8.GetString(r.Body).Split(':')).GroupBy(p => p[0]);
        Assert.All(perKey, key => Assert.Equal(key.Select(p => int.Parse(p[1], CultureInfo.InvariantCulture)).Order(), key.Select(p => int.Parse(p[1], CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task A_sink_that_is_removed_still_sends_what_waits()
    {
        var gate = new TaskCompletionSource();
        await using var receiver = await WebhookReceiver.StartAsync((context, _) => gate.Task.WaitAsync(context.RequestAborted));
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic(), ToWebhook(receiver.Url))), 1, Cancel);
        await fixture.PublishAsync("in", Enumerable.Range(0, 50).Select(i => $"k{i}:{i}"));
        await fixture.HoldsAsync("out", 50);
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToTopic())), 2, Cancel);
        gate.SetResult();
        await Eventually.HoldsAsync(() => receiver.Requests.Select(r => r.Id).Distinct().Count() == 50, "all were sent");
    }

    [Fact]
    public async Task The_answer_of_a_receiver_is_read_only_so_far()
    {
        await using var receiver = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            var chunk = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        });
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", FromTopic(), ToWebhook(receiver.Url))), 1, Cancel);
        await fixture.PublishAsync("in", "k:1");
        await Eventually.HoldsAsync(async () => (await supervisor.SnapshotAsync("f", Cancel))!.Sinks[0].Delivered == 1, "a 200 is a 200");
    }
}

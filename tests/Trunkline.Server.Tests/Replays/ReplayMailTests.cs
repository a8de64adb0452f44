using System.Net;
using System.Net.Sockets;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Replays;

/// <summary>Replays of flows that send mails, to a real SMTP server: that of another flow of the node.</summary>
public sealed class ReplayMailTests : IAsyncLifetime
{
    private readonly NodeFixture _node = new("replay-mail", Project(FreePort()));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _node.StartAsync();
        await _node.PublishAsync("in", """{"text":"hi"}""", "k");
        await Eventually.HoldsAsync(async () => await MailsAsync() == 2, "both flows have sent their mail");
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task No_mail_leaves_on_a_replay_neither_from_the_flow_nor_from_one_that_reads_what_it_writes()
    {
        Assert.Equal(1, (await RunAsync(new StartReplayRequest { Flow = "send" })).NotSent);
        await RunAsync(new StartReplayRequest { Flow = "copy" });
        await Eventually.HoldsAsync(async () => await HandedAsync("tell") == 2 && await PendingAsync("tell") == 0, "the marked copy has come to the sink and ended there");
        Assert.Equal(2, await MailsAsync());
    }

    [Fact]
    public async Task A_replay_that_is_asked_to_send_sends()
    {
        await RunAsync(new StartReplayRequest { Flow = "copy", Send = true });
        await Eventually.HoldsAsync(async () => await MailsAsync() == 3, "the mail has been sent again");
    }

    private async Task<ReplayView> RunAsync(StartReplayRequest request)
    {
        var view = await _node.Client.StartReplayAsync(request, Cancel);
        await Eventually.HoldsAsync(async () => (view = await _node.Client.GetReplayAsync(view.Id, Cancel)).State != "running", "the replay has ended");
        Assert.True(view.State == "done", view.Reason);
        return view;
    }

    private async Task<int> MailsAsync() => (await _node.Client.ReadAsync("mailed", ReadFrom.Earliest, 100, Cancel)).Messages.Count;

    /// <summary>What a flow gave its sink.</summary>
    private async Task<long> HandedAsync(string flow) => (await _node.Client.ListTopicsAsync(Cancel)).Topics
        .Where(topic => topic.Name.Contains($"outbox.{flow}.", StringComparison.Ordinal)).Sum(topic => topic.Partitions.Sum(partition => partition.HighOffset));

    /// <summary>What its sink is not done with.</summary>
    private async Task<long> PendingAsync(string flow) => (await _node.Client.GetFlowAsync(flow, Cancel)).Sinks.Sum(sink => sink.Pending);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Project(int port)
    {
        var mail = $"{{ smtp: {{ host: 127.0.0.1, port: {port}, tls: off, from: desk@example.com, to: \"'anna@example.com'\", subject: \"'hi ' + meta.id\", text: message.text }} }}";
        return $$"""
            topics: { in: {}, copies: {}, mailed: {} }
            flows:
              server:
                from: { smtp: { listen: "127.0.0.1:{{port}}", recipients: anna@example.com } }
                to: { topic: mailed }
              send: { from: { topic: in }, to: {{mail}} }
              copy: { from: { topic: in, group: copying }, to: { topic: copies } }
              tell: { from: { topic: copies }, to: {{mail}} }
            """;
    }
}

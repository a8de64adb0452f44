using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>The demo from outside: every mail in exactly one place, whoever is killed on the way.</summary>
public sealed class DemoTests
{
    private const int Mails = 306;

    private static readonly string[] Sinks = ["mail.inbox", "mail.urgent", "mail.spam"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_demo_adds_up()
    {
        await using var demo = DemoProcess.Start();
        var (exitCode, report) = await demo.EndAsync(Cancel);

        AddsUp(exitCode, report, demo);
        Assert.Equal("bundled", report.GetProperty("corpus").GetString());
        Assert.True(report.GetProperty("throughput").GetDouble() > 0);
        Assert.True(report.GetProperty("latencyMs").GetProperty("p99").GetDouble() >= report.GetProperty("latencyMs").GetProperty("p50").GetDouble());
        Assert.InRange(report.GetProperty("spam").GetProperty("recall").GetDouble(), 0.5, 1);
        Assert.InRange(report.GetProperty("diff").GetProperty("moved").GetInt32(), 1, Mails);
        var drift = report.GetProperty("drift");
        Assert.Equal(0, drift.GetProperty("alarmsBefore").GetInt32());
        Assert.Equal(
            ["channel new-value ratings-team", "stars retyped ratings-team", "voucher undeclared ratings-team"],
            drift.GetProperty("told").EnumerateArray().Select(alarm => $"{alarm.GetProperty("field")} {alarm.GetProperty("kind")} {alarm.GetProperty("owner")}"));
        Assert.All(drift.GetProperty("told").EnumerateArray(), alarm => Assert.InRange(alarm.GetProperty("messages").GetInt32(), 1, 1000));
    }

    [Fact]
    public async Task The_failure_demo_parks_a_conversation_redrives_it_in_order_and_adds_up()
    {
        await using var demo = DemoProcess.StartFailure();
        var (exitCode, report) = await demo.EndAsync(Cancel);

        Assert.Equal(0, exitCode);
        Assert.True(report.GetProperty("addsUp").GetBoolean());
        Assert.Equal((1, 1, 7), Standing(report.GetProperty("before")));
        Assert.Equal((0, 0, 0), Standing(report.GetProperty("after")));
        Assert.Equal(("redriven", "already-done"), (report.GetProperty("redrive").GetString(), report.GetProperty("redriveAgain").GetString()));
        Assert.True(report.GetProperty("before").GetProperty("fidelity").GetDouble() < report.GetProperty("after").GetProperty("fidelity").GetDouble());

        static (int Dead, int Parked, int Waiting) Standing(JsonElement standing) => (
            standing.GetProperty("deadLetters").GetInt32(), standing.GetProperty("parkedKeys").GetInt32(), standing.GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task It_adds_up_although_its_node_is_killed_three_times()
    {
        await using var demo = DemoProcess.Start();
        await DemoProcess.KillNodeAtAsync(await demo.NodeAsync(Cancel), ["mail.received"], 0, Cancel);
        await DemoProcess.KillNodeAtAsync(await demo.NodeAsync(Cancel), ["mail.received"], 1, Cancel);
        await DemoProcess.KillNodeAtAsync(await demo.NodeAsync(Cancel), Sinks, 1, Cancel);
        var (exitCode, report) = await demo.EndAsync(Cancel);

        AddsUp(exitCode, report, demo);
        Assert.Equal(3, demo.Said.Count(line => line.StartsWith("the node died", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_demo_that_was_killed_goes_on_in_its_folder()
    {
        using var folder = new TemporaryFolder();
        await using (var killed = DemoProcess.Start(folder.Path))
        {
            await killed.NodeAsync(Cancel);
            await killed.KillAsync(Cancel);
        }

        await using var resumed = DemoProcess.Start(folder.Path);
        var (exitCode, report) = await resumed.EndAsync(Cancel);
        AddsUp(exitCode, report, resumed);
    }

    private static void AddsUp(int exitCode, JsonElement report, DemoProcess demo)
    {
        Assert.True(exitCode == 0, $"{report}\n{string.Join('\n', demo.Said)}");
        var sinks = Sinks.ToDictionary(sink => sink, sink => report.GetProperty("sinks").GetProperty(sink).GetInt32());
        Assert.Equal(Mails, report.GetProperty("in").GetInt32());
        Assert.Equal(Mails, sinks.Values.Sum() + report.GetProperty("filtered").GetInt32() + report.GetProperty("deadLetters").GetInt32());
        var webhook = report.GetProperty("effects").GetProperty("webhook");
        Assert.Equal(sinks["mail.urgent"], webhook.GetProperty("distinct").GetInt32());
        Assert.True(webhook.GetProperty("attempts").GetInt32() >= sinks["mail.urgent"]);
    }
}

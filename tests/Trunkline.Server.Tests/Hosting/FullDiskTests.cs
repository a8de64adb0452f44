using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Trunkline.Client.Api;
using Trunkline.Server.Sight.Alerts;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Hosting;

/// <summary>A node whose disk is nearly full says so where probes and people look, is read on, and takes messages again when there is room.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readiness_and_an_alert_tell_of_a_full_disk_while_readers_go_on()
    {
        await using var node = new NodeFixture("disk", "topics: { in: { partitions: 1 } }\n");
        Directory.CreateDirectory(node.Data);
        Assert.SkipUnless(Environment.UserName == "root" && await RunAsync("mount", "-t", "tmpfs", "-o", "size=512m", "tmpfs", node.Data) == 0, "a small volume cannot be mounted here");
        await using var volume = new Volume(node.Data);
        await node.StartAsync();
        await node.PublishAsync("in", "1");
        Assert.Equal("ready", (await HealthAsync(node, HttpStatusCode.OK)).Status);

        // Not by messages: what fills a disk is often something else.
        var filler = Path.Combine(node.Data, "filler");
        await File.WriteAllBytesAsync(filler, new byte[new DriveInfo(node.Data).AvailableFreeSpace - (32 * 1024 * 1024)], Cancel);
        await Eventually.HoldsAsync(async () => (await PublishAsync(node)).StatusCode == HttpStatusCode.InsufficientStorage, "appends are refused");
        var health = await HealthAsync(node, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("degraded", health.Status);
        Assert.Contains("Free space", Assert.Single(health.Checks, c => !c.Ok).Detail, StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => (await AlertsAsync(node)).Any(a => a is { Rule: AlertRules.Store, ResolvedAt: null }), "there is an alert");
        Assert.NotEmpty((await node.Http.GetFromJsonAsync<MessagesPage>("/api/v1/topics/in/messages", Cancel))!.Messages);

        File.Delete(filler);
        await Eventually.HoldsAsync(async () => (await PublishAsync(node)).IsSuccessStatusCode, "appends are taken again");
        Assert.Equal("ready", (await HealthAsync(node, HttpStatusCode.OK)).Status);
        await Eventually.HoldsAsync(async () => (await AlertsAsync(node)).Any(a => a is { Rule: AlertRules.Store, ResolvedAt: not null }), "the alert is over", 60);
        await node.StopAsync();

        // What could not be kept while the disk was full was kept then.
        await node.StartAsync();
        Assert.Contains(await AlertsAsync(node), a => a is { Rule: AlertRules.Store, ResolvedAt: not null });
    }

    private static async Task<IReadOnlyList<AlertView>> AlertsAsync(NodeFixture node) => (await node.Client.Alerts.ListAsync(100, Cancel)).Alerts;

    private static async Task<HttpResponseMessage> PublishAsync(NodeFixture node) => await node.Http.PostAsJsonAsync("/api/v1/topics/in/messages", 2, Cancel);

    private static async Task<HealthView> HealthAsync(NodeFixture node, HttpStatusCode status)
    {
        using var answer = await node.Http.GetAsync("/health/ready", Cancel);
        Assert.Equal(status, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ApiJson.Default.HealthView, Cancel))!;
    }

    private static async Task<int> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    /// <summary>What was mounted; taken away also under a node that still runs, whose folder is then deleted.</summary>
    private sealed class Volume(string folder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await RunAsync("umount", "-l", folder);
    }
}

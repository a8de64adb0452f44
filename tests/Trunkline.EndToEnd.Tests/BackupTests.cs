using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>A running node backed up, and a stopped one restored, by the commands a user has.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CommandSetting Here => new() { Folder = _folder.Path };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_backup_of_a_running_node_is_restored_into_an_empty_folder_and_refused_over_a_newer_store()
    {
        Assert.Equal(0, (await RunAsync(Here, "init")).ExitCode);
        await using (var node = await NodeProcess.StartAsync(Here, Cancel))
        {
            await PublishAsync(node, "before");
            var backup = await RunAsync(At(node), "backup", "kept", "--json");
            Assert.Equal(0, backup.ExitCode);
            using var document = JsonDocument.Parse(backup.Output);
            Assert.Equal(_folder.In("kept"), document.RootElement.GetProperty("directory").GetString());
            Assert.Equal(4, (await RunAsync(At(node), "backup", "kept")).ExitCode);
            await PublishAsync(node, "after");
            Assert.Equal(4, (await RunAsync(Here, "restore", "kept", "--data", ".trunkline")).ExitCode);
            await node.StopAsync(Cancel);
        }

        var refused = await RunAsync(Here, "restore", "kept", "--data", ".trunkline");
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("newer than the backup", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(Here, "doctor", "--data", "kept")).ExitCode);
        Assert.Equal(0, (await RunAsync(Here, "restore", "kept", "--data", "restored")).ExitCode);
        Assert.Equal(["before", "after"], await ReadAsync());
        Assert.Equal(["before"], await ReadAsync("--data", "restored"));
    }

    private async Task<List<string?>> ReadAsync(params string[] arguments)
    {
        await using var node = await NodeProcess.StartAsync(Here, Cancel, arguments);
        using var page = JsonDocument.Parse((await RunAsync(At(node), "read", "notes.received", "--json")).Output);
        return [.. page.RootElement.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("data").GetProperty("text").GetString())];
    }

    private async Task PublishAsync(NodeProcess node, string text) =>
        Assert.Equal(0, (await RunAsync(At(node), "publish", "notes.received", $$"""{"text":"{{text}}"}""", "--key", "k")).ExitCode);

    private CommandSetting At(NodeProcess node) => Here with { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = node.Url.ToString() } };

    private static Task<CommandRun> RunAsync(CommandSetting setting, params string[] arguments) => CommandRun.RunAsync(arguments, setting, Cancel);
}

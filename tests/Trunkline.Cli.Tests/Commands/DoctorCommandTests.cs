using System.Text;
using System.Text.Json;
using Trunkline.Brokers.Embedded;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

public sealed class DoctorCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_whole_store_ends_with_0_and_no_store_with_4()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        var run = await RunAsync(folder, "doctor", "--data", "data");
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("1 topics, 20 whole batches, 20 messages, nothing wrong\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(4, (await RunAsync(folder, "doctor", "--data", "nowhere")).ExitCode);
    }

    [Fact]
    public async Task Damage_ends_with_1_and_the_repaired_copy_is_whole()
    {
        using var folder = new TemporaryFolder();
        await FillAsync(folder);
        var payload = Encoding.ASCII.GetBytes(Payload(7));
        var log = Directory.GetFiles(folder.In("data/store"), "commits-*.log").Single(file => File.ReadAllBytes(file).AsSpan().IndexOf(payload) >= 0);
        var bytes = await File.ReadAllBytesAsync(log, Stop);
        bytes[bytes.AsSpan().IndexOf(payload) + 100] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, Stop);

        var run = await RunAsync(folder, "doctor", "--data", "data", "--repair-into", "rescued", "--json");
        Assert.Equal(1, run.ExitCode);
        using var document = JsonDocument.Parse(run.Output);
        var finding = Assert.Single(document.RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal(("offsets-damaged", "t", 7L, 7L), (finding.GetProperty("kind").GetString(), finding.GetProperty("topic").GetString(),
            finding.GetProperty("from").GetInt64(), finding.GetProperty("to").GetInt64()));

        var again = await RunAsync(folder, "doctor", "--data", "rescued");
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("19 messages, nothing wrong", again.Output, StringComparison.Ordinal);
        Assert.Equal(4, (await RunAsync(folder, "doctor", "--data", "data", "--repair-into", "rescued")).ExitCode);
    }

    [Fact]
    public async Task A_store_a_node_has_open_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await OpenAsync(folder);
        var run = await RunAsync(folder, "doctor", "--data", "data");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("in use", run.Error, StringComparison.Ordinal);
    }

    private static string Payload(int i) => new((char)('a' + i), 40_000);

    private static Task<EmbeddedBroker> OpenAsync(TemporaryFolder folder) =>
        EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder.In("data/store") }, Stop);

    private static async Task FillAsync(TemporaryFolder folder)
    {
        await using (var broker = await OpenAsync(folder))
        {
            await broker.CreateTopicAsync(new TopicSettings { Name = "t", Partitions = 1 }, Stop);
            for (var i = 0; i < 20; i++)
            {
                await broker.AppendAsync(new TopicAppend { Topic = "t", Messages = [new Message { Payload = Encoding.ASCII.GetBytes(Payload(i)) }] }, Stop);
            }
        }

        // Opening moves the log into blob files.
        await (await OpenAsync(folder)).DisposeAsync();
    }

    private static Task<CommandRun> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        CommandRun.RunAsync(arguments, new CommandSetting { Folder = folder.Path }, Stop);
}

using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

public sealed class VerifyJournalCommandTests
{
    private const string Sent = """
        {"t":"attempt","id":"m1","topic":"in","key":"a","n":1,"hash":"x1"}
        {"t":"outcome","id":"m1","topic":"in","result":"ok"}
        {"t":"attempt","id":"m2","topic":"in","key":"a","n":2,"hash":"x2"}
        {"t":"outcome","id":"m2","topic":"in","result":"ok"}

        """;

    private const string Given = """
        {"t":"delivery","reader":"g/1","group":"g","topic":"in","partition":0,"offset":0,"id":"m1","hash":"x1"}
        {"t":"delivery","reader":"g/1","group":"g","topic":"in","partition":0,"offset":1,"id":"m2","hash":"x2"}
        {"t":"position","group":"g","topic":"in","partition":0,"next":2,"at":"committed"}

        """;

    private const string First = """{"t":"stored","reader":"end","topic":"in","partition":0,"offset":0,"id":"m1","hash":"x1"}""" + "\n";
    private const string Second = """{"t":"stored","reader":"end","topic":"in","partition":0,"offset":1,"id":"m2","hash":"x2"}""" + "\n";

    [Fact]
    public async Task A_sound_run_over_several_files_ends_with_0()
    {
        using var folder = new TemporaryFolder();
        folder.Write("sent.ndjson", Sent);
        folder.Write("read.ndjson", Given + First + Second);
        var run = await RunAsync(folder, "verify-journal", "sent.ndjson", "read.ndjson");
        Assert.Equal((0, "2 attempted, 2 acknowledged, 0 of unknown outcome and there, 2 read: sound\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("lost", Given + First)]
    [InlineData("duplicated", Given + First + Second + """{"t":"stored","reader":"end","topic":"in","partition":0,"offset":2,"id":"m2","hash":"x2"}""")]
    [InlineData("reordered", Given + Second + First)]
    [InlineData("altered", Given + First + """{"t":"stored","reader":"end","topic":"in","partition":0,"offset":1,"id":"m2","hash":"other"}""")]
    [InlineData("position-ahead", Given + First + Second + """{"t":"position","group":"g","topic":"in","partition":0,"next":3,"at":"committed"}""")]
    public async Task A_planted_fault_is_found_by_its_own_check_and_no_other(string kind, string journal)
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.ndjson", Sent + journal + "\n");
        var run = await RunAsync(folder, "verify-journal", "--json", "run.ndjson");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        using var document = JsonDocument.Parse(run.Output);
        Assert.False(document.RootElement.GetProperty("sound").GetBoolean());
        Assert.Equal([(kind, 1)], document.RootElement.GetProperty("counts").EnumerateObject().Select(count => (count.Name, count.Value.GetInt32())));
        Assert.Equal(kind, Assert.Single(document.RootElement.GetProperty("findings").EnumerateArray()).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_line_that_is_no_entry_is_named_with_its_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("bad.ndjson", Sent + "what?\n");
        var run = await RunAsync(folder, "verify-journal", "bad.ndjson");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("bad.ndjson: Line 5 of the journal", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync(folder, "verify-journal", "nowhere.ndjson")).ExitCode);
    }

    private static Task<CommandRun> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        CommandRun.RunAsync(arguments, new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);
}

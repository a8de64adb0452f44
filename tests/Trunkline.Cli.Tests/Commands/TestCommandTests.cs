using System.Text.Json;
using System.Xml.Linq;
using Trunkline.Cli.Demo;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

public sealed class TestCommandTests
{
    [Fact]
    public async Task The_tests_of_the_mail_sample_pass_and_reach_every_step_and_branch()
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync(folder, "test", "-f", Path.Combine(SampleFolder.Path, "trunkline.yaml"), "--json", "--junit", "report.xml");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        using var document = JsonDocument.Parse(run.Output);
        var report = document.RootElement;
        Assert.Equal(0, report.GetProperty("failed").GetInt32());
        Assert.True(report.GetProperty("passed").GetInt32() >= 13);
        foreach (var flow in report.GetProperty("coverage").EnumerateArray())
        {
            Assert.All(
                flow.GetProperty("steps").EnumerateArray().Concat(flow.GetProperty("branches").EnumerateArray()),
                covered => Assert.True(covered.GetProperty("runs").GetInt32() > 0, covered.GetProperty("name").GetString()));
        }

        var suites = XDocument.Load(Path.Combine(folder.Path, "report.xml")).Root!;
        Assert.Equal(["intake.tests.yaml", "reply.tests.yaml", "triage.tests.yaml"], suites.Elements("testsuite").Select(suite => Path.GetFileName(suite.Attribute("name")!.Value)));
    }

    [Fact]
    public async Task A_flow_broken_on_purpose_is_red_and_names_test_sink_and_field()
    {
        using var folder = new TemporaryFolder();
        Copy(SampleFolder.Path, folder.Path);
        var flow = Path.Combine(folder.Path, "flows", "triage.yaml");
        var text = await File.ReadAllTextAsync(flow, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            flow,
            text.Replace("message.spam.probability > 0.9", "message.spam.probability > 1.1", StringComparison.Ordinal).Replace("seenAt: meta.time", "seenAt: 0", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        var run = await RunAsync(folder, "test", "flows/triage.tests.yaml");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("FAILED  triage: An advertisement goes to spam and nowhere else", run.Output, StringComparison.Ordinal);
        Assert.Contains("sink 'mail.spam', message 1, was not sent", run.Output, StringComparison.Ordinal);
        Assert.Contains("expected: branch-1 (mail.spam)", run.Output, StringComparison.Ordinal);
        Assert.Contains("where message.spam.probability > 0.9", run.Output, StringComparison.Ordinal);
        Assert.Contains("sink 'mail.inbox' got a message that is not expected", run.Output, StringComparison.Ordinal);
        Assert.Contains("sink 'mail.urgent', message 1, field 'seenAt'", run.Output, StringComparison.Ordinal);
        Assert.Contains("never run: branch-1 (message.spam.probability > 1.1)  flows/triage.yaml:", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("5 passed, 2 failed\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_test_is_selected_by_a_part_of_its_name()
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync(folder, "test", Path.Combine(SampleFolder.Path, "flows", "reply.tests.yaml"), "--select", "BUSY MODEL");

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("passed  reply: A busy model is asked again when it said so", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("1 passed, 0 failed\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_the_files_end_with_two_and_nothing_runs()
    {
        using var folder = new TemporaryFolder();
        folder.Write("trunkline.yaml", "topics: { a: {}, b: {} }\nflows: { f: { from: { topic: a }, to: { topic: b } } }\n");
        var none = await RunAsync(folder, "test");
        folder.Write("f.tests.yaml", "flow: f\ntests:\n  t: { send: { body: 1 }, expct: {} }\n");
        var faulty = await RunAsync(folder, "test", "--json");
        var missing = await RunAsync(folder, "test", "g.tests.yaml");
        var unselected = await RunAsync(folder, "test", "--select", "x");

        Assert.Equal((2, 2, 2, 2), (none.ExitCode, faulty.ExitCode, missing.ExitCode, unselected.ExitCode));
        using var document = JsonDocument.Parse(faulty.Output);
        var faults = document.RootElement.GetProperty("error").GetProperty("faults");
        Assert.Contains(faults.EnumerateArray(), fault => fault.GetProperty("line").GetInt32() == 3 && fault.GetProperty("remedy").GetString() == "Did you mean 'expect'?");
        Assert.Contains("does not exist", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_of_tests_is_a_document_of_its_own()
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync(folder, "schema", "--tests");
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal("urn:trunkline:test-file:1", document.RootElement.GetProperty("$id").GetString());
    }

    private static Task<CommandRun> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        CommandRun.RunAsync(arguments, new CommandSetting { Folder = folder.Path }, TestContext.Current.CancellationToken);

    private static void Copy(string from, string to)
    {
        foreach (var path in (string[])["trunkline.yaml", "flows/intake.yaml", "flows/triage.yaml", "flows/triage.tests.yaml", "flows/reply.yaml", "models/spam-v1.zip"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, path))!);
            File.Copy(Path.Combine(from, path), Path.Combine(to, path));
        }
    }
}

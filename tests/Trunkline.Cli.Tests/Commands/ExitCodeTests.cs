using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Commands;

/// <summary>Exit codes and the purity of standard output, seen from outside the process.</summary>
public sealed class ExitCodeTests
{
    // Port 9 (discard) is not listened on by anything a test machine runs.
    private static readonly CommandSetting NoNode = new() { Environment = new Dictionary<string, string> { ["TRUNKLINE_NODE"] = "http://127.0.0.1:9" } };

    [Theory]
    [InlineData(2)]
    [InlineData(2, "topcs")]
    [InlineData(2, "read")]
    [InlineData(2, "read", "t", "--limit", "0")]
    [InlineData(2, "read", "t", "--offset", "4")]
    [InlineData(2, "read", "t", "--time", "yesterday")]
    [InlineData(2, "topics", "--node", "not an address")]
    [InlineData(2, "apply", "--history", "--to", "3")]
    [InlineData(2, "check", "-f", "/does/not/exist.yaml")]
    [InlineData(2, "run", "-f", "/does/not/exist.yaml")]
    [InlineData(3, "topics")]
    [InlineData(3, "alerts")]
    [InlineData(3, "publish", "t", "{}")]
    [InlineData(3, "tail", "t")]
    [InlineData(0, "version")]
    [InlineData(0, "--help")]
    [InlineData(0, "schema")]
    [InlineData(0, "completion", "bash")]
    public async Task Each_outcome_has_its_exit_code(int expected, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, NoNode, TestContext.Current.CancellationToken);
        Assert.Equal(expected, run.ExitCode);
        Assert.Equal(expected != 0, run.Error.Length > 0);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cli.usage", "topcs", "--json")]
    [InlineData("cli.usage", "read", "--json")]
    [InlineData("cli.node-unreachable", "flows", "--json")]
    [InlineData("cli.usage", "check", "-f", "/does/not/exist.yaml", "--json")]
    public async Task With_json_a_failure_is_one_document_on_standard_output(string code, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, NoNode, TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal(code, document.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.NotEqual("", document.RootElement.GetProperty("error").GetProperty("remedy").GetString());
    }

    [Fact]
    public async Task A_slip_of_the_finger_is_answered_with_the_nearest_command()
    {
        var run = await CommandRun.RunAsync(["topcs"], NoNode, TestContext.Current.CancellationToken);
        Assert.Contains("Did you mean 'topics'?", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'trunkline dead show --help'", "dead", "show", "triage")]
    [InlineData("'trunkline parked' needs a command: list, release, skip.", "parked")]
    [InlineData("There is no command 'parked lst'.", "parked", "lst")]
    [InlineData("Did you mean 'list'?", "parked", "lst")]
    public async Task What_a_command_of_commands_lacks_is_told_with_the_words_to_type(string told, params string[] arguments)
    {
        var run = await CommandRun.RunAsync(arguments, NoNode, TestContext.Current.CancellationToken);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
    }
}

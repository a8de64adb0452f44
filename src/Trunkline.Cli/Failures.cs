using System.CommandLine;
using System.CommandLine.Parsing;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Core.Config;

namespace Trunkline.Cli;

/// <summary>Failures as words on stderr, as a document with <c>--json</c>, and as an exit code.</summary>
internal static class Failures
{
    private const string Issues = "https://github.com/trunkline/trunkline/issues";

    /// <summary>The command line could not be understood.</summary>
    public static int Usage(Output output, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed.CommandResult);
        var remedy = $"'{path} --help' shows what it takes.";
        if (command.Action is null && parsed.UnmatchedTokens is [var word, ..])
        {
            var near = Suggestion.Closest(word, command.Subcommands.Select(sub => sub.Name));
            return Say(output, ExitCode.Usage, new FailureView("cli.usage", $"There is no command '{Path(parsed.CommandResult, word)}'.", near is null ? remedy : $"Did you mean '{near}'? {remedy}"));
        }

        if (command.Action is null && command.Subcommands.Count > 0)
        {
            return Say(output, ExitCode.Usage, new FailureView("cli.usage", $"'{path}' needs a command: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}.", remedy));
        }

        var message = string.Join(" ", parsed.Errors.Select(error => error.Message.Replace('\n', ' ').Trim()).Distinct());
        return Say(output, ExitCode.Usage, new FailureView("cli.usage", message, remedy));
    }

    // As it is typed, without arguments and options.
    private static string Path(CommandResult result, string last = "")
    {
        var path = last;
        for (var at = result; at.Parent is CommandResult parent; at = parent)
        {
            path = $"{at.Command.Name} {path}";
        }

        return last.Length > 0 ? path : $"trunkline {path}".TrimEnd();
    }

    /// <summary>A command failed.</summary>
    public static int Report(Output output, Exception exception, Interrupt interrupt)
    {
        switch (exception)
        {
            case OperationCanceledException when interrupt.Token.IsCancellationRequested:
                output.Note("interrupted");
                return ExitCode.Interrupted;
            case CliException failure:
                return Say(output, failure.ExitCode, new FailureView(failure.Code, failure.Message, failure.Remedy));
            case NodeUnreachableException failure:
                return Say(output, ExitCode.Unreachable, new FailureView("cli.node-unreachable", failure.Message,
                    $"Start a node with 'trunkline run', or name another with --node or TRUNKLINE_NODE; tried {failure.Address}."));
            case TrunklineException failure:
                var exitCode = failure.Problem?.Faults is { Count: > 0 } ? ExitCode.Usage : ExitCode.Failed;
                return Say(output, exitCode, new FailureView(failure.Code, failure.Message, failure.Remedy, failure.Problem?.Faults));
            case IOException or UnauthorizedAccessException:
                return Say(output, ExitCode.Failed, new FailureView("cli.io", exception.Message, "Check the path, its permissions and the free space."));
            default:
                output.Failure(new FailureDocument(new FailureView("cli.internal", exception.Message, $"Report it at {Issues}.")));
                output.Note($"internal error in trunkline {VersionText.Current}: this is our fault, not yours.");
                Console.Error.WriteLine(exception);
                output.Note($"Please report it with the lines above: {Issues}");
                return ExitCode.Internal;
        }
    }

    /// <summary>Says a failure and returns the exit code.</summary>
    public static int Say(Output output, int exitCode, FailureView failure)
    {
        output.Failure(new FailureDocument(failure));
        output.Note($"error: {failure.Message}");
        foreach (var fault in failure.Faults ?? [])
        {
            FaultText.Write(output.Note, fault);
        }

        if (failure.Remedy.Length > 0)
        {
            output.Note($"  {failure.Remedy}");
        }

        return exitCode;
    }
}

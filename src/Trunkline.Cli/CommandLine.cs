using System.CommandLine;
using Trunkline.Cli.Commands;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli;

/// <summary>The command tree, and the one place where outcomes become exit codes.</summary>
internal static class CommandLine
{
    /// <summary>Parses, runs, and returns what the process ends with.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var output = new Output(Console.Out, Console.Error, args.TakeWhile(arg => arg != "--").Contains("--json"));
        var parsed = Build().Parse(args, new ParserConfiguration { EnablePosixBundling = true, ResponseFileTokenReplacer = null });
        if (args.Length == 0)
        {
            await Build().Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = Console.Error });
            return ExitCode.Usage;
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            return Failures.Usage(output, parsed);
        }

        using var interrupt = new Interrupt();
        try
        {
            // Signals are handled here: the library's own handler would end a draining node after two seconds.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interrupt.Token);
        }
        catch (Exception exception)
        {
            // The process's outermost boundary: every failure leaves it as words and a number.
            return Failures.Report(output, exception, interrupt);
        }
    }

    /// <summary>The tree, new at each call.</summary>
    public static RootCommand Build() => new("Trunkline: a durable line between channels, AI models and users.")
    {
        RunCommand.Create(),
        DemoCommand.Create(),
        InitCommand.Create(),
        CheckCommand.Create(),
        TestCommand.Create(),
        SchemaCommand.Create(),
        SchemasCommand.Create(),
        ContractsCommand.Create(),
        DriftCommand.Create(),
        DocsCommand.Create(),
        ApplyCommand.Create(),
        ReplayCommand.Create(),
        StepCommand.Create(),
        TapCommand.Create(),
        FaultsCommand.Create(),
        PublishCommand.Create(),
        ReadCommand.Create(),
        TailCommand.Create(),
        TopicsCommand.Create(),
        FlowsCommand.Create(),
        StateCommand.Create(),
        GroupsCommand.Create(),
        ModelsCommand.Create(),
        DeadCommand.Create(),
        ParkedCommand.Create(),
        JourneyCommand.Create(),
        OutcomesCommand.Create(),
        FidelityCommand.Create(),
        SloCommand.Create(),
        AlertsCommand.Create(),
        IncidentsCommand.Create(),
        PromisesCommand.Create(),
        WhyCommand.Create(),
        PathCommand.Create(),
        TraceCommand.Create(),
        MapCommand.Create(),
        LogsCommand.Create(),
        ChangesCommand.Create(),
        EraseCommand.Create(),
        BrokersCommand.Create(),
        BackupCommand.Create(),
        RestoreCommand.Create(),
        DoctorCommand.Create(),
        VerifyJournalCommand.Create(),
        VersionCommand.Create(),
        CompletionCommand.Create(),
    };
}

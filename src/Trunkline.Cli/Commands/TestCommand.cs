using System.CommandLine;
using Trunkline.Cli.Terminal;
using Trunkline.Core.Config;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Expressions;
using Trunkline.Server.FlowTests;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline test</c></summary>
internal static class TestCommand
{
    private const string ProjectName = "trunkline.yaml";

    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Files of tests. Default: every *.tests.yaml below the project's folder.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var select = new Option<string?>("--select") { Description = "Run only tests whose name contains this, in any case.", HelpName = "name" };
        var junit = new Option<string?>("--junit") { Description = "Also write the report as JUnit XML to this file.", HelpName = "path" };
        var command = new Command("test", "Run the tests of a project's flows: offline, without a node. Exit code 1 if one fails, 2 if a file is faulty.")
        {
            files, select, junit, SharedOptions.File, SharedOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Request(Project(parsed, parsed.GetValue(files) ?? []), parsed.GetValue(files) ?? [], parsed.GetValue(select), parsed.GetValue(junit)),
            SharedOptions.Output(parsed),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Request request, Output output, CancellationToken cancellationToken)
    {
        var load = ProjectLoading.Load(request.Project);
        if (load.Config is not { } project)
        {
            return Faulty(output, "The project has faults, so its tests were not run.", load.Faults);
        }

        var source = ProjectSource.FromDisk(request.Project, Environment.GetEnvironmentVariable) with { ExpressionCheck = ExpressionSyntax.Check };
        var suite = FlowTestSuite.Load(project, source, [.. request.Files.Select(file => Inside(source.BaseDirectory, file))]);
        if (suite.Faults.Count > 0)
        {
            return Faulty(output, "The tests have faults, so none was run.", suite.Faults);
        }

        RequireTests(suite, request);
        try
        {
            var report = await suite.RunAsync(request.Select, output.Json ? null : new Told(output), cancellationToken);
            if (request.JUnit is { } path)
            {
                await File.WriteAllTextAsync(path, JUnitReport.Render(report), cancellationToken);
            }

            output.Result(report, CliJson.Default.FlowTestReport, text => Summarise(text, report));
            return report.Failed == 0 ? ExitCode.Done : ExitCode.Found;
        }
        catch (InvalidModelException model)
        {
            throw CliException.Usage($"The tests cannot run: {model.Message}", "Mend the model, or its entry in the project file.");
        }
    }

    /// <summary>The flag, the environment, the folder one is in; else the nearest project above the first file of tests.</summary>
    private static string Project(ParseResult parsed, string[] files)
    {
        var meant = SharedOptions.ProjectFile(parsed);
        if (files.Length == 0 || meant != ProjectName || File.Exists(meant))
        {
            return meant;
        }

        for (var folder = Path.GetDirectoryName(files[0]) ?? ""; folder.Length > 0; folder = Path.GetDirectoryName(folder) ?? "")
        {
            if (Path.Combine(folder, ProjectName) is var above && File.Exists(above))
            {
                return above;
            }
        }

        return meant;
    }

    private static string Inside(string folder, string file)
    {
        var path = Path.GetRelativePath(folder, Path.GetFullPath(file)).Replace('\\', '/');
        return path.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(path)
            ? throw CliException.Usage($"{file} is outside the project's folder {folder}.", "Name its project with -f.")
            : path;
    }

    private static void RequireTests(FlowTestSuite suite, Request request)
    {
        if (suite.Names.Count == 0)
        {
            throw CliException.Usage(
                $"There are no tests for {request.Project}.", "Write some beside the flows, into files named *.tests.yaml; docs/how-to/test-a-flow.md shows how.");
        }

        if (request.Select is { } select && !suite.Names.Any(name => name.Contains(select, StringComparison.OrdinalIgnoreCase)))
        {
            throw CliException.Usage(
                $"No test's name contains '{select}'.", Suggestion.Remedy(select, suite.Names, $"The tests: {string.Join("; ", suite.Names.Take(10))}."));
        }
    }

    private static int Faulty(Output output, string message, IReadOnlyList<Fault> faults) => Failures.Say(
        output, ExitCode.Usage, new FailureView("config.faults", message, "Mend them, then run the tests again.", ProjectLoading.Views(faults)));

    private static void Summarise(Output text, FlowTestReport report)
    {
        text.Line("");
        foreach (var flow in report.Coverage)
        {
            text.Line($"{flow.Flow}: {Ran(flow.Steps)} steps and {Ran(flow.Branches)} branches ran");
            foreach (var never in flow.Steps.Concat(flow.Branches).Where(covered => covered.Runs == 0))
            {
                text.Line($"    never run: {never.Name}  {never.File}:{never.Line}");
            }
        }

        text.Line("");
        text.Line($"{report.Passed} passed, {report.Failed} failed");
    }

    private static string Ran(IReadOnlyList<CoveredView> parts) => $"{parts.Count(part => part.Runs > 0)} of {parts.Count}";

    /// <summary>What is asked for.</summary>
    private sealed record Request(string Project, string[] Files, string? Select, string? JUnit);

    /// <summary>Tells each test as soon as it is done.</summary>
    private sealed class Told(Output output) : IProgress<FlowTestView>
    {
        public void Report(FlowTestView value)
        {
            output.Line($"{(value.Passed ? "passed" : "FAILED")}  {value.Flow}: {value.Name}  ({value.DurationMs:0} ms)");
            foreach (var failure in value.Failures)
            {
                output.Line($"    {failure.File}:{failure.Line}: {failure.Message}");
                output.Line($"        expected: {failure.Expected}");
                output.Line($"        got:      {failure.Got}");
            }
        }
    }
}

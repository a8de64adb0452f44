using System.CommandLine;
using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Core.Config;
using Trunkline.Models;
using Trunkline.Server.FlowTests;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline step FLOW</c></summary>
internal static class StepCommand
{
    private const int BytesMax = 64 * 1024 * 1024;

    private static readonly JsonSerializerOptions Indented = new(CliJson.Default.Options) { WriteIndented = true };

    private static readonly Argument<string> Flow = new("flow") { Description = "The flow." };
    private static readonly Option<string?> Body = new("--body") { Description = "The message's body as text, such as JSON. Default: standard input.", HelpName = "text" };
    private static readonly Option<string?> Mail = new("--message") { Description = "The message's body from a file, such as a mail.", HelpName = "path" };
    private static readonly Option<string?> Key = new("--key") { Description = "The message's key.", HelpName = "key" };

    public static Command Create()
    {
        var command = new Command("step", "Take one message through a flow, offline, and show it after every step. Nothing is stored or sent; models of this machine run, others are answered by --stub.")
        {
            Flow, Body, Mail, Key, EffectOptions.Stub, EffectOptions.Fresh, SharedOptions.File, SharedOptions.Json,
        };
        EffectOptions.CheckStubs(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        var load = ProjectLoading.Load(SharedOptions.ProjectFile(parsed));
        if (load.Config is not { } project)
        {
            return Failures.Say(output, ExitCode.Usage, new FailureView("config.faults", "The project has faults.", "Mend them: trunkline check", ProjectLoading.Views(load.Faults)));
        }

        var flow = parsed.GetRequiredValue(Flow);
        if (!project.Flows.ContainsKey(flow))
        {
            throw CliException.Usage($"There is no flow '{flow}'.", Suggestion.Remedy(flow, project.Flows.Keys, $"The flows: {string.Join(", ", project.Flows.Keys)}."));
        }

        var answers = parsed.GetValue(EffectOptions.Fresh) ? null : EffectOptions.Stubs(parsed) ?? new Dictionary<string, JsonElement>();
        try
        {
            var trace = await StepThrough.RunAsync(project, flow, await MessageAsync(parsed, cancellationToken), answers, cancellationToken);
            output.Result(trace, CliJson.Default.StepTrace, text => Write(text, trace));
            return trace.Detail is null ? ExitCode.Done : ExitCode.Found;
        }
        catch (InvalidModelException model)
        {
            throw CliException.Usage($"The flow cannot run: {model.Message}", "Mend the model, or its entry in the project file.");
        }
    }

    private static async Task<StepMessage> MessageAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = parsed.GetValue(Key);
        if (parsed.GetValue(Body) is { } body)
        {
            return new StepMessage(System.Text.Encoding.UTF8.GetBytes(body), "application/json") { Key = key };
        }

        if (parsed.GetValue(Mail) is { } path)
        {
            var file = new FileInfo(path);
            return file is { Exists: true, Length: <= BytesMax }
                ? new StepMessage(await File.ReadAllBytesAsync(path, cancellationToken), file.Extension == ".eml" ? "message/rfc822" : "application/json") { Key = key }
                : throw CliException.Usage($"There is no file {path}, or it is larger than 64 MiB.", "Name the file of one message.");
        }

        await using var input = Console.OpenStandardInput();
        var bytes = new MemoryStream();
        await input.CopyToAsync(bytes, cancellationToken);
        return new StepMessage(bytes.ToArray(), "application/json") { Key = key };
    }

    private static void Write(Output text, StepTrace trace)
    {
        foreach (var step in trace.Steps)
        {
            text.Line($"── {step.Step}{(step.GoesOn ? "" : "  (ends here)")}");
            foreach (var effect in step.Effects)
            {
                text.Line($"   asks   {effect.Name}: {SafeText.Line(effect.Question, 200)}");
                text.Line($"   answer {(effect.Answer is null ? "none" : SafeText.Line(effect.Answer, 400))}");
            }

            if (step.Body.ValueKind != JsonValueKind.Undefined)
            {
                foreach (var line in JsonSerializer.Serialize(step.Body, Indented).Split('\n'))
                {
                    text.Line("   " + SafeText.Line(line, 400));
                }
            }
        }

        text.Line($"── {trace.Outcome}{(trace.Detail is null ? "" : ": " + trace.Detail)}");
        foreach (var sink in trace.Outputs)
        {
            text.Line($"   to {sink.Sink}{(sink.Key is null ? "" : $", key {sink.Key}")}, {Amount.Bytes(System.Text.Encoding.UTF8.GetByteCount(sink.Body))}; not sent");
        }
    }
}

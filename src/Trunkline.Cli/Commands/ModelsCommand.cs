using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline models [NAME]</c></summary>
internal static class ModelsCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "Show how well the versions of this model do.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("models", "List models, their versions, and the flows that call them, or show how well the versions of one do.") { Name, SharedOptions.Node, SharedOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        if (parsed.GetValue(Name) is { } name)
        {
            var quality = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.GetModelQualityAsync(name, cancellationToken));
            output.Result(quality, ApiJson.Default.ModelQualityList, text => Describe(text, quality.Versions));
            return ExitCode.Done;
        }

        var list = await Patience.WaitAsync(output, $"waiting for {client.Address}", client.ListModelsAsync(cancellationToken));
        output.Result(list, ApiJson.Default.ModelList, text => text.Table(
            ["model", "kind", "version", "used by"],
            [.. list.Models.Select(model => (IReadOnlyList<string>)[model.Name, model.Kind, model.Version ?? "not loaded", string.Join(", ", model.UsedBy)])],
            "No models yet. Name one under 'models:' in trunkline.yaml and call it with an 'infer' step."));
        return ExitCode.Done;
    }

    private static void Describe(Output text, IReadOnlyList<ModelQualityView> versions)
    {
        text.Table(
            ["version", "#answers", "#p50", "#p99", "#tokens in", "#tokens out", "#cost"],
            [.. versions.Select(v => (IReadOnlyList<string>)
            [
                v.Version, Amount.Count(v.Answers), Time(v.LatencyP50Ms), Time(v.LatencyP99Ms), Amount.Count(v.InputTokens), Amount.Count(v.OutputTokens),
                v.Cost?.ToString("0.######", CultureInfo.InvariantCulture) ?? "-",
            ])],
            "No answer of this model is recorded: no flow has asked it, or not within the time recordings are kept.");
        if (versions.Count == 0)
        {
            return;
        }

        text.Line("");
        text.Table(
            ["version", "#labels", "#agreement", "#calibration error", "#brier", "#rating", "scores", "inputs"],
            [.. versions.Select(v => (IReadOnlyList<string>)
            [
                v.Version, Amount.Count(v.Labels), Share(v.Agreement), Figure(v.CalibrationError), Figure(v.Brier),
                v.Rating is { } rating ? $"{Figure(rating)} ({Amount.Count(v.Ratings)})" : "-", State(v.Scores), State(v.Inputs),
            ])],
            "");
        if (versions.Any(v => v.Agreement is null))
        {
            text.Line($"Agreement needs {versions[0].LabelsNeeded} labels: tell them at POST /api/v1/outcomes as {{\"fact\":\"label\",\"id\":…,\"label\":…}}.");
        }
    }

    private static string State(DriftView drift) => drift.Psi is { } psi
        ? string.Create(CultureInfo.InvariantCulture, $"{drift.State} (psi {psi:0.00}, p {drift.Chance:0.000})")
        : string.Create(CultureInfo.InvariantCulture, $"{drift.State} ({drift.Values} of {drift.ValuesNeeded})");

    private static string Time(double? milliseconds) => milliseconds is { } some ? string.Create(CultureInfo.InvariantCulture, $"{some:0.##} ms") : "-";

    private static string Share(double? share) => share is { } part ? (part * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "-";

    private static string Figure(double? figure) => figure?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
}

using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Reports;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay --diff</c>: what a project that might follow would do with the messages recorded so far.</summary>
internal static class ReplayDiff
{
    private const int MessagesMax = 1_000_000;

    // A node gives up after ten minutes.
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(11);

    private static readonly Option<string?> Diff = new("--diff")
    {
        Description = "Compare with a project that might follow: its file or folder, or the number of a revision the node knows.",
        HelpName = "path|revision",
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "Messages of each flow at most, the newest of each partition, 1 to 1000000.",
        HelpName = "count",
        DefaultValueFactory = _ => 100_000,
    };

    private static readonly Option<bool> ShowValues = new("--show-values") { Description = "Show the values of fields in examples; otherwise their kind and length." };
    private static readonly Option<string?> Html = new("--html") { Description = "Also write the report as one HTML page to this file.", HelpName = "path" };

    /// <summary>Adds the options to the command.</summary>
    public static void AddTo(Command command)
    {
        Limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MessagesMax))
            {
                result.AddError($"--limit is a number from 1 to {MessagesMax}.");
            }
        });
        command.Add(Diff);
        command.Add(Limit);
        command.Add(ShowValues);
        command.Add(Html);
        DiffLimits.AddTo(command);
    }

    /// <summary>Whether the user asked for it.</summary>
    public static bool IsAsked(ParseResult parsed) => parsed.GetValue(Diff) is not null;

    public static async Task<int> RunAsync(ParseResult parsed, string? only, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        if (Request(parsed, output) is not { } request)
        {
            return ExitCode.Usage;
        }

        using var client = SharedOptions.Client(parsed, CallMax);
        var comparisons = new List<ComparisonView>();
        foreach (var flow in only is null ? await FlowsAsync(client, cancellationToken) : [only])
        {
            comparisons.Add(await Patience.WaitAsync(output, $"running the candidate's {flow}", client.CompareAsync(flow, request, cancellationToken)));
        }

        var exceeded = DiffLimits.Of(parsed).Exceeded(comparisons);
        var document = new DiffDocument(
            comparisons.Sum(flow => flow.Messages), comparisons.Sum(flow => flow.Moved), comparisons.Sum(flow => flow.Undecided), exceeded.Count > 0, comparisons)
        {
            Exceeded = exceeded,
        };
        if (parsed.GetValue(Html) is { } path)
        {
            await File.WriteAllTextAsync(path, DiffPage.Render(document, parsed.GetValue(Diff)!), cancellationToken);
            output.Note($"report written to {path}");
        }

        output.Result(document, CliJson.Default.DiffDocument, to => DiffText.Write(to, document));
        return document.LimitExceeded ? ExitCode.Found : ExitCode.Done;
    }

    private static CompareRequest? Request(ParseResult parsed, Output output)
    {
        var candidate = parsed.GetRequiredValue(Diff)!;
        var request = new CompareRequest
        {
            MessagesMax = parsed.GetValue(Limit),
            ShowValues = parsed.GetValue(ShowValues),
            Effects = EffectOptions.Mode(parsed),
            Stubs = EffectOptions.Stubs(parsed),
        };
        if (long.TryParse(candidate, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) && !Path.Exists(candidate))
        {
            return request with { Revision = revision };
        }

        return ProjectText.Read(candidate, output) is { } text ? request with { Main = text.Main, Files = text.Files } : null;
    }

    private static async Task<IReadOnlyList<string>> FlowsAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        var list = await client.ListFlowsAsync(cancellationToken);
        return [.. list.Flows.Where(flow => flow.From.StartsWith("topic:", StringComparison.Ordinal)).Select(flow => flow.Name)];
    }
}

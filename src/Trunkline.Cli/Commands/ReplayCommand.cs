using System.CommandLine;
using System.Globalization;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline replay --diff FILE</c>: what a project that might follow would do with the messages recorded so far.</summary>
internal static class ReplayCommand
{
    private const int MessagesMax = 1_000_000;

    // A node gives up after ten minutes.
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(11);

    private static readonly Option<string> Diff = new("--diff")
    {
        Description = "The project that might follow: its file or folder.", HelpName = "path", Required = true,
    };

    private static readonly Option<string?> Flow = new("--flow") { Description = "Only this flow. Default: every flow of the node that reads a topic.", HelpName = "name" };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "Messages of each flow at most, the newest of each partition, 1 to 1000000.", HelpName = "count", DefaultValueFactory = _ => 100_000,
    };

    private static readonly Option<string?> MaxMoved = new("--max-moved")
    {
        Description = "End with 1 if more than this share would go elsewhere or cannot be told, such as 0.5%.", HelpName = "share",
    };

    public static Command Create()
    {
        Limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MessagesMax))
            {
                result.AddError($"--limit is a number from 1 to {MessagesMax}.");
            }
        });
        MaxMoved.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Share(result.Tokens[0].Value) is null)
            {
                result.AddError("--max-moved is a share from 0% to 100%, such as 0.5%.");
            }
        });
        var command = new Command("replay", "Run a candidate over the messages a node has recorded, with the effects answered from the recording. Nothing is written, nobody is called.")
        {
            Diff, Flow, Limit, MaxMoved, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        if (ProjectText.Read(parsed.GetRequiredValue(Diff), output) is not { } text)
        {
            return ExitCode.Usage;
        }

        using var client = SharedOptions.Client(parsed, CallMax);
        var request = new CompareRequest { Main = text.Main, Files = text.Files, MessagesMax = parsed.GetValue(Limit) };
        var comparisons = new List<ComparisonView>();
        foreach (var flow in await FlowsAsync(parsed, client, cancellationToken))
        {
            comparisons.Add(await Patience.WaitAsync(output, $"running the candidate's {flow}", client.CompareAsync(flow, request, cancellationToken)));
        }

        var document = Sum(comparisons, parsed.GetValue(MaxMoved) is { } share ? Share(share) : null);
        output.Result(document, CliJson.Default.DiffDocument, to => DiffText.Write(to, document));
        return document.LimitExceeded ? ExitCode.Found : ExitCode.Done;
    }

    private static async Task<IReadOnlyList<string>> FlowsAsync(ParseResult parsed, TrunklineClient client, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Flow) is { } only)
        {
            return [only];
        }

        var list = await client.ListFlowsAsync(cancellationToken);
        return [.. list.Flows.Where(flow => flow.From.StartsWith("topic:", StringComparison.Ordinal)).Select(flow => flow.Name)];
    }

    /// <summary>What cannot be told counts as moved: a gate must not pass on what it has not seen.</summary>
    private static DiffDocument Sum(IReadOnlyList<ComparisonView> flows, double? shareMax)
    {
        var (messages, moved, undecided) = (flows.Sum(flow => flow.Messages), flows.Sum(flow => flow.Moved), flows.Sum(flow => flow.Undecided));
        var exceeded = shareMax is { } max && moved + undecided > max * (messages + undecided);
        return new DiffDocument(messages, moved, undecided, exceeded, flows);
    }

    private static double? Share(string text) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
            ? percent / 100
            : null;
}

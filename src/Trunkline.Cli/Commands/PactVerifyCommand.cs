using System.CommandLine;
using System.Text;
using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Server.FlowTests;
using Trunkline.Server.Pacts.Verifying;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline contracts verify</c></summary>
internal static class PactVerifyCommand
{
    private const int EmittedMax = 1000;

    private static readonly TimeSpan RequestMax = TimeSpan.FromSeconds(30);

    private static readonly Argument<string> Provider = new("provider") { Description = "The provider, as its pacts name it." };
    private static readonly Option<string?> Url = new("--url") { Description = "Where the provider answers HTTP.", HelpName = "url" };
    private static readonly Option<string?> States = new("--states") { Description = "Where it is told which state to be in before an interaction, and after it (POST, as Pact's verifiers do).", HelpName = "url" };
    private static readonly Option<string?> Messages = new("--messages") { Description = "Where it is asked for a message by its description (POST).", HelpName = "url" };
    private static readonly Option<string?> Topic = new("--topic") { Description = $"A topic of the node: one of its newest {EmittedMax} messages has to be as each pact expects.", HelpName = "name" };
    private static readonly Option<string[]> Headers = new("--header") { Description = "A header for each request to the provider, as 'Name: value'. Repeatable.", HelpName = "header" };
    private static readonly Option<string[]> Files = new("--pact") { Description = "A file with a pact. Repeatable. Default: what the node's pact broker says is to be verified.", HelpName = "path" };
    private static readonly Option<string?> Publish = new("--publish") { Description = "Keep the results in the node's pact broker, as of this version of the provider.", HelpName = "version" };
    private static readonly Option<string?> Branch = new("--branch") { Description = "The branch of the provider; consumers' pacts of a branch of that name are verified too.", HelpName = "name" };
    private static readonly Option<bool> Pending = new("--pending") { Description = "Tell failures of pacts the provider has never kept, and do not count them." };
    private static readonly Option<string?> JUnit = new("--junit") { Description = "Also write the report as JUnit XML to this file.", HelpName = "path" };

    public static Command Create()
    {
        var command = new Command("verify", "Hold a provider to its pacts (versions 1 to 4, HTTP and messages); exit code 1 if it does not keep one.")
        {
            Provider, Url, States, Messages, Topic, Headers, Files, Publish, Branch, Pending, JUnit, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = RequestMax };
        var provider = parsed.GetValue(Provider)!;
        var verifier = new PactVerifier(http, await OptionsAsync(parsed, client, cancellationToken));
        var verdicts = new List<PactVerdict>();
        foreach (var (text, pact) in await PactsAsync(parsed, client, provider, cancellationToken))
        {
            var verdict = await VerifyAsync(verifier, text, cancellationToken);
            verdict = pact is { VerificationProperties.Pending: true } ? verdict with { Interactions = [.. verdict.Interactions.Select(one => one with { Pending = true })] } : verdict;
            verdicts.Add(verdict);
            if (pact is not null && parsed.GetValue(Publish) is { } version)
            {
                // What is pending fails nobody's build, and is no success either.
                await client.Pacts.PublishAsync(pact, provider, parsed.GetValue(Branch), new PactResultRequest(verdict.Interactions.All(one => one.Success), version), cancellationToken);
            }
        }

        var report = new PactVerificationReport(provider, verdicts.TrueForAll(one => one.Success), verdicts);
        if (parsed.GetValue(JUnit) is { } junit)
        {
            await File.WriteAllTextAsync(junit, Cases(report), cancellationToken);
        }

        output.Result(report, CliJson.Default.PactVerificationReport, text => Write(text, report));
        return report.Success ? ExitCode.Done : ExitCode.Found;
    }

    private static async Task<PactVerdict> VerifyAsync(PactVerifier verifier, string text, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(text, cancellationToken);
        }
        catch (FormatException failure)
        {
            throw CliException.Usage($"A pact cannot be read: {failure.Message}", "Name a file that a Pact library wrote.");
        }
    }

    private static async Task<IReadOnlyList<(string Text, PactToVerify? Pact)>> PactsAsync(ParseResult parsed, TrunklineClient client, string provider, CancellationToken cancellationToken)
    {
        var pacts = new List<(string, PactToVerify?)>();
        if (parsed.GetValue(Files) is { Length: > 0 } files)
        {
            foreach (var file in files)
            {
                pacts.Add((File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : throw CliException.Usage($"There is no file {file}.", "Name the file with the pact."), null));
            }

            return pacts;
        }

        var branch = parsed.GetValue(Branch);
        var request = new PactsToVerifyRequest
        {
            ProviderVersionBranch = branch,
            ConsumerVersionSelectors = [new() { MainBranch = true }, new() { DeployedOrReleased = true }, .. branch is null ? (PactSelectorView[])[] : [new() { MatchingBranch = true }]],
            IncludePendingStatus = parsed.GetValue(Pending),
        };
        var found = (await client.Pacts.ToVerifyAsync(provider, request, cancellationToken)).Embedded.Pacts;
        if (found.Count == 0)
        {
            // Consumers that tell no branches have a newest version all the same.
            found = (await client.Pacts.ToVerifyAsync(provider, request with { ConsumerVersionSelectors = [] }, cancellationToken)).Embedded.Pacts;
        }

        foreach (var one in found)
        {
            pacts.Add((await client.Pacts.ReadAsync(one, cancellationToken), one));
        }

        return pacts.Count > 0 ? pacts : throw CliException.Usage($"The node has no pact with provider {provider}.", "Publish one, or name its file with --pact.");
    }

    private static async Task<PactVerifierOptions> OptionsAsync(ParseResult parsed, TrunklineClient client, CancellationToken cancellationToken) => new()
    {
        Provider = Address(parsed, Url),
        States = Address(parsed, States),
        Messages = Address(parsed, Messages),
        Emitted = parsed.GetValue(Topic) is { } topic ? await EmittedAsync(client, topic, cancellationToken) : null,
        Headers = [.. (parsed.GetValue(Headers) ?? []).Select(header => header.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
            ? KeyValuePair.Create(header[..at].Trim(), header[(at + 1)..].Trim())
            : throw CliException.Usage($"'{header}' is no header.", "Write it as 'Name: value'."))],
    };

    private static Uri? Address(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw CliException.Usage($"'{text}' is no address for {option.Name}.", "Give one such as http://127.0.0.1:8080.");

    private static async Task<IReadOnlyList<PactEmitted>> EmittedAsync(TrunklineClient client, string topic, CancellationToken cancellationToken)
    {
        var emitted = new List<PactEmitted>();
        var partitions = (await client.GetTopicAsync(topic, cancellationToken)).Partitions;
        foreach (var partition in partitions.Where(one => one.HighOffset > one.LowOffset))
        {
            var share = EmittedMax / partitions.Count;
            var from = ReadFrom.Offset(partition.Partition, Math.Max(partition.LowOffset, partition.HighOffset - Math.Max(1, share)));
            emitted.AddRange((await client.ReadAsync(topic, from, Math.Max(1, share), cancellationToken)).Messages.Select(Emitted));
        }

        return emitted;
    }

    private static PactEmitted Emitted(EventView message)
    {
        var content = message.Data is { } data ? Encoding.UTF8.GetBytes(data.ValueKind == JsonValueKind.String && message.DataContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true ? data.GetString()! : data.GetRawText())
            : Convert.FromBase64String(message.DataBase64 ?? "");
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["id"] = message.Id, ["source"] = message.Source, ["type"] = message.Type };
        foreach (var header in message.Headers ?? [])
        {
            metadata[header.Name] = header.Value ?? "";
        }

        foreach (var (name, value) in ((string, string?)[])[("key", message.PartitionKey), ("subject", message.Subject), ("contentType", message.DataContentType)])
        {
            if (value is not null)
            {
                metadata[name] = value;
            }
        }

        return new PactEmitted(content, message.DataContentType, metadata);
    }

    private static string Cases(PactVerificationReport report) => JUnitReport.Render("trunkline contracts verify", report.Pacts.SelectMany(pact => pact.Interactions.Select(one =>
        new JUnitCase($"{pact.Consumer} and {pact.Provider}", one.Description, pact.Consumer)
        {
            Failure = one.Success || one.Pending ? null : new JUnitFailure("pact", one.Mismatches[0], string.Join("\n", one.Mismatches)),
        })));

    private static void Write(Output text, PactVerificationReport report)
    {
        foreach (var pact in report.Pacts)
        {
            text.Line(SafeText.Line($"{pact.Consumer} expects of {pact.Provider} (specification {pact.Version}):"));
            foreach (var one in pact.Interactions)
            {
                var states = one.States.Count == 0 ? "" : $" (given {string.Join(", ", one.States)})";
                text.Line(SafeText.Line($"  {(one.Success ? "kept" : one.Pending ? "pending" : "BROKEN")}  {one.Description}{states}"));
                foreach (var wrong in one.Mismatches)
                {
                    text.Line(SafeText.Line($"      {wrong}"));
                }
            }
        }

        var all = report.Pacts.SelectMany(pact => pact.Interactions).ToList();
        text.Line(FormattableString.Invariant($"{all.Count(one => one.Success)} kept, {all.Count(one => !one.Success && !one.Pending)} broken, {all.Count(one => !one.Success && one.Pending)} pending"));
    }
}

/// <summary>What came of verifying a provider.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Success">True if it keeps all that counts.</param>
/// <param name="Pacts">By pact.</param>
internal sealed record PactVerificationReport(string Provider, bool Success, IReadOnlyList<PactVerdict> Pacts);

using Trunkline.Cli.Demo.Planted;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo;

/// <summary>
/// The demo: real mails through the sample project on a node of its own, each counted where it ended; then a changed flow over the
/// recorded mails. The node may die on the way, and so may the demo.
/// </summary>
internal sealed class DemoRun(DemoOptions options, Output output)
{
    private const int ExamplesMax = 3;

    /// <summary>Runs it, hands over the result, and keeps the node until interrupted if that is wanted.</summary>
    /// <param name="show">Told the result and the node's address as soon as there is one.</param>
    /// <param name="cancellationToken">Ends it; a named folder can be gone on with.</param>
    public async Task<DemoResult> RunAsync(Action<DemoResult, Uri, DemoFolder> show, CancellationToken cancellationToken)
    {
        using var folder = DemoFolder.Open(options.Data);
        var settings = DemoSettings.Load(folder.Settings);
        var corpus = await DemoCorpus.ChooseAsync(settings?.Corpus ?? options.Corpus, output, cancellationToken);
        settings ??= DemoSettings.Begin(corpus.Kind);
        MailFolder.Fill(folder.Mails, corpus, cancellationToken);
        DemoProject.Write(folder);
        PlantedChat.Remove(folder);
        using var journal = WebhookJournal.Open(folder.Webhooks);
        await using var hooks = await WebhookReceiver.StartAsync(settings.WebhookPort, settings.Secret, journal, cancellationToken);
        await using var models = RealEndpoint is null ? await CannedModelServer.StartAsync(settings.ModelPort, cancellationToken) : null;
        settings = settings with { WebhookPort = hooks.Address.Port, ModelPort = models?.Endpoint.Port ?? settings.ModelPort };
        settings.Save(folder.Settings);
        output.Note($"{Amount.Count(corpus.Mails.Count)} mails in {folder.Mails}, drafts from {(models is null ? RealEndpoint : "a canned model server of this demo")}");

        await using var node = new DemoNode(folder, Environment(folder, settings, models), output);
        await new DemoWatch(node, output).WaitAsync(corpus.Mails.Count, cancellationToken);
        var result = await CountAsync(node, corpus, folder, (journal, hooks.Refused), cancellationToken);
        show(result, node.Url, folder);
        if (options.Keep)
        {
            await KeepAsync(node, folder, cancellationToken);
        }

        return result;
    }

    private static string? RealEndpoint => System.Environment.GetEnvironmentVariable("OPENAI_URL") is { Length: > 0 } url ? url : null;

    private static Dictionary<string, string> Environment(DemoFolder folder, DemoSettings settings, CannedModelServer? models)
    {
        var environment = new Dictionary<string, string>
        {
            ["MAILS"] = folder.Mails,
            ["HOOK_URL"] = FormattableString.Invariant($"http://127.0.0.1:{settings.WebhookPort}/urgent"),
            ["HOOK_SECRET"] = settings.Secret,
        };
        if (models is not null)
        {
            environment["OPENAI_URL"] = models.Endpoint.ToString();
        }

        return environment;
    }

    /// <summary>Counts and compares. Both only read, so a node that dies meanwhile is started again and asked anew.</summary>
    private async Task<DemoResult> CountAsync(
        DemoNode node, MailCorpus corpus, DemoFolder folder, (WebhookJournal Journal, int Refused) hooks, CancellationToken cancellationToken)
    {
        var heldOut = await Patience.WaitAsync(output, "finding the mails no model was trained on", Task.Run(() => DemoCorpus.HeldOutAsync(corpus, cancellationToken), cancellationToken));
        var ledger = await AskAsync(node, "reading every topic back", client => MailLedger.ReadAsync(client, corpus, cancellationToken), cancellationToken);
        var flows = await AskAsync(node, "asking the flows", client => client.ListFlowsAsync(cancellationToken), cancellationToken);
        var standing = await AskAsync(node, "asking the topics", client => Standing.ReadAsync(client, cancellationToken), cancellationToken);
        var comparison = await AskAsync(
            node,
            "running the candidate over the recorded mails",
            client => client.CompareAsync("triage", DemoProject.Request(folder, ExamplesMax), cancellationToken),
            cancellationToken);
        var drift = await AskAsync(node, "planting drift, and waiting to be told", client => new PlantedDrift(client).RunAsync(cancellationToken), cancellationToken);
        return new DemoResult
        {
            Report = new DemoReport
            {
                In = corpus.Mails.Count,
                Sinks = ledger.Counts,
                Filtered = Filtered(flows),
                DeadLetters = ledger.DeadLetters,
                Effects = new DemoEffects(new DemoWebhook(hooks.Journal.Attempts, hooks.Journal.Distinct)),
                Throughput = DemoFigures.Throughput(ledger.Sorted),
                LatencyMs = DemoFigures.Latency(ledger.Sorted),
                Spam = DemoFigures.Spam(ledger.Sorted, corpus, heldOut),
                Diff = new DemoDiff((int)comparison.Moved),
                Corpus = corpus.Kind,
                Drift = drift,
            },
            Ledger = ledger,
            Comparison = comparison,
            HeldOut = heldOut.Count,
            Drafts = standing.Drafts,
            Deaths = node.Deaths,
            Canned = RealEndpoint is null,
            Refused = hooks.Refused,
        };
    }

    /// <summary>No step of the sample project filters; if one did, only the node's counters of its last life would know.</summary>
    private static int Filtered(FlowList flows) => (int)flows.Flows.Where(flow => flow.Name is "intake" or "triage").Sum(flow => flow.Filtered);

    private async Task<T> AskAsync<T>(DemoNode node, string what, Func<TrunklineClient, Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            var client = await node.ClientAsync(cancellationToken);
            try
            {
                return await Patience.WaitAsync(output, what, ask(client));
            }
            catch (NodeUnreachableException)
            {
                output.Note("the node is gone while being asked; asking again");
            }
        }
    }

    private async Task KeepAsync(DemoNode node, DemoFolder folder, CancellationToken cancellationToken)
    {
        await using var chat = await PlantedChat.StartAsync(cancellationToken);
        await chat.AddAsync(folder, await node.ClientAsync(cancellationToken), cancellationToken);
        output.Note($"beside the mails a chat goes on, whose model {PlantedChat.Model} is slow on purpose: trunkline why {PlantedChat.Flow} names it");
        output.Note($"the node keeps running at {node.Url} (mails: {folder.Mails}). Ctrl-C ends it.");
        await Kept.UntilInterruptedAsync(output, async () => await chat.AskAsync(await node.ClientAsync(cancellationToken), cancellationToken));
    }
}

using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo.Planted;

/// <summary>What the demo of a slow model found.</summary>
/// <param name="Flow">The flow that breaks its promise.</param>
/// <param name="Planted">The model that was made slow.</param>
/// <param name="Named">The hop that is named as the cause; null if nothing stands out.</param>
/// <param name="Summary">What is said of it.</param>
/// <param name="Alert">The alert that came of it; null if none did.</param>
/// <param name="Seconds">From the first question until both were there.</param>
internal sealed record SlowModelReport(string Flow, string Planted, string? Named, string Summary, string? Alert, double Seconds)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    /// <summary>Whether the planted model is what is named.</summary>
    public bool AddsUp => Named == "model " + Planted && Alert is not null;

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options);
}

/// <summary>The demo of a slow model: a chat with a promise its model breaks, on a node of its own, until an alert is on and the model is named.</summary>
internal sealed class SlowModelRun(DemoFolder folder, Output output)
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    /// <param name="show">Told the result, and where the node is.</param>
    /// <param name="keep">Whether to go on until interrupted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<SlowModelReport> RunAsync(Action<SlowModelReport, Uri> show, bool keep, CancellationToken cancellationToken)
    {
        await using var chat = await PlantedChat.StartAsync(cancellationToken);
        Directory.CreateDirectory(folder.Project);
        await File.WriteAllTextAsync(Path.Combine(folder.Project, "trunkline.yaml"), chat.Project, cancellationToken);
        await using var node = new DemoNode(folder, new Dictionary<string, string>(), output);
        var client = await node.ClientAsync(cancellationToken);
        output.Note("questions come in; the flow promises an answer within 500 ms, and its model takes 700");
        var report = await FindAsync(chat, client, cancellationToken);
        show(report, node.Url);
        if (keep)
        {
            output.Note($"the node keeps running at {node.Url}, and questions keep coming. Ctrl-C ends it.");
            await Kept.UntilInterruptedAsync(output, async () => await chat.AskAsync(await node.ClientAsync(cancellationToken), cancellationToken));
        }

        return report;
    }

    private static async Task<SlowModelReport> FindAsync(PlantedChat chat, TrunklineClient client, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        WhyView? why = null;
        AlertView? alert = null;
        while (alert is null || why is not { Suspects.Count: > 0 })
        {
            await chat.AskAsync(client, cancellationToken);
            why = await client.GetWhyAsync(PlantedChat.Flow, cancellationToken);
            alert = (await client.Alerts.ListAsync(10, cancellationToken)).Alerts.FirstOrDefault(a => a is { Rule: "slo", Subject: PlantedChat.Flow });
            if (TimeProvider.System.GetElapsedTime(began) > RunMax)
            {
                break;
            }
        }

        return new SlowModelReport(
            PlantedChat.Flow, PlantedChat.Model, why.Suspects.Count > 0 ? why.Suspects[0].Hop : null, why.Summary, alert?.Summary,
            Math.Round(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1));
    }
}

using System.Text.Json;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo.Overload;

/// <summary>
/// <c>trunkline demo overload</c>: a model that has become ten times slower, fifty tenants of which one floods, and the same flow once
/// with a fixed number of calls at once, once with limits that adapt.
/// </summary>
internal sealed class OverloadRun(Output output)
{
    private const int Tenants = 50;
    private const int Flood = 300;
    private const int QuietEach = 3;
    private const int Messages = Flood + ((Tenants - 1) * QuietEach);
    private const int Places = 8;

    // Ten times what it took when the flow was written.
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(5);

    /// <summary>Runs both.</summary>
    public async Task<OverloadReport> RunAsync(CancellationToken cancellationToken)
    {
        output.Note($"a model for {Places} questions at a time takes {Work.TotalMilliseconds:0} ms instead of 20; {Tenants} tenants, one sends {Flood} of {Messages} messages");
        var before = await OneAsync("concurrency: { min: 64, max: 64 }", "", cancellationToken);
        output.Note("with the 64 calls at once that were right for a fast model: done");
        var after = await OneAsync("concurrency: { min: 2, max: 64, start: 8 }", "overload: buffer", cancellationToken);
        output.Note("with adaptive concurrency and overload: buffer: done");
        return new OverloadReport(Messages, Tenants, Flood, before, after);
    }

    private async Task<OverloadFigures> OneAsync(string limits, string overload, CancellationToken cancellationToken)
    {
        await using var model = await SlowModelServer.StartAsync(Places, cancellationToken);
        model.Work = Work;
        using var folder = DemoFolder.Open(null);
        Directory.CreateDirectory(folder.Project);
        await File.WriteAllTextAsync(Path.Combine(folder.Project, "trunkline.yaml"), Project(model.Endpoint, limits, overload), cancellationToken);
        await using var node = new DemoNode(folder, new Dictionary<string, string>(), output);
        var client = await node.ClientAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await client.PublishAsync("asked", new PublishContent { Body = Load(), ContentType = "application/cloudevents-batch+json" }, cancellationToken);
        await ThroughAsync(client, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return await FiguresAsync(client, model, seconds, cancellationToken);
    }

    private static string Project(Uri endpoint, string limits, string overload) => $$"""
        topics: { asked: { partitions: 4 }, answered: { partitions: 4 } }
        models:
          reply:
            kind: openai
            endpoint: "{{endpoint}}"
            model: demo
            timeout: 1s
            {{limits}}
        flows:
          answer:
            from: { topic: asked }
            steps:
              - infer:
                  model: reply
                  {{overload}}
            to: { topic: answered }
            lanes: 64
            retry: { attempts: 3, backoff: 100ms..1s }
        """;

    /// <summary>The flood first, as it is when it hurts.</summary>
    private static byte[] Load()
    {
        var tenants = Enumerable.Repeat("flood", Flood).Concat(Enumerable.Range(0, (Tenants - 1) * QuietEach).Select(i => $"quiet-{i % (Tenants - 1)}"));
        return JsonSerializer.SerializeToUtf8Bytes(tenants.Select((tenant, number) => new
        {
            specversion = "1.0",
            id = $"{number}",
            source = "/demo/overload",
            type = "question",
            tenant,
            partitionkey = $"{tenant}-{number}",
            datacontenttype = "application/json",
            data = new { text = "Where is my order?", tenant },
        }));
    }

    private static async Task ThroughAsync(TrunklineClient client, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(RunMax);
        while (await client.GetFlowAsync("answer", bound.Token) is { Lag: not 0 })
        {
            await Task.Delay(Poll, TimeProvider.System, bound.Token);
        }
    }

    private static async Task<OverloadFigures> FiguresAsync(TrunklineClient client, SlowModelServer model, double seconds, CancellationToken cancellationToken)
    {
        var asked = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        await foreach (var message in TopicScan.ReadAsync(client, "asked", cancellationToken))
        {
            asked[KeyOf(message)] = message.AppendedAt;
        }

        var (delivered, quiet) = (0, new List<double>());
        await foreach (var message in TopicScan.ReadAsync(client, "answered", cancellationToken))
        {
            delivered++;
            if (message.Data is { } data && data.GetProperty("tenant").GetString() != "flood")
            {
                quiet.Add((message.AppendedAt - asked[KeyOf(message)]).TotalMilliseconds);
            }
        }

        var dead = 0;
        await foreach (var message in TopicScan.ReadAsync(client, "answer.dead", cancellationToken))
        {
            dead++;
            if (message.Data is { } data && data.GetProperty("tenant").GetString() != "flood")
            {
                // Given up is later than any answer: it counts as the whole run.
                quiet.Add(seconds * 1000);
            }
        }

        quiet.Sort();
        return new OverloadFigures(delivered, dead, model.Calls, model.Wasted, At(quiet, 0.5), At(quiet, 0.99), Math.Round(seconds, 1));
    }

    private static string KeyOf(EventView message) => message.PartitionKey ?? message.Id;

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))]);
}

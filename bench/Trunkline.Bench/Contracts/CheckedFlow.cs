using System.Globalization;
using Trunkline.Bench.Flows;
using Trunkline.Bench.Logs;
using Trunkline.Bench.Results;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Config;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Configuration;
using Trunkline.Server.Schemas.Contracts;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Bench.Contracts;

/// <summary>The flow of <c>bench flow</c>, live and in C#: once without subjects, once with every message of both topics held to a JSON Schema.</summary>
internal static class CheckedFlow
{
    private const string Case = "flow, live, C#";
    private const int Messages = 300_000;

    private const string Properties = """
        "id":{"type":"integer","minimum":0},"conversation":{"type":"string","minLength":1,"maxLength":100},"channel":{"enum":["mail","chat","voice"]},
        "priority":{"type":"integer","minimum":0,"maximum":9},"from":{"type":"string","maxLength":200},"text":{"type":"string","maxLength":10000},
        "language":{"type":"string","pattern":"^[a-z]{2}$"},"attachments":{"type":"integer","minimum":0}
        """;

    public static async Task MeasureAsync(BenchOptions options, List<Row> rows, List<Goal> goals, List<string> notes)
    {
        var (without, with) = (new List<Outcome>(), new List<Outcome>());
        await BenchFolder.UseAsync(options, folder => RunAsync(folder, options.Count(Messages / 10), isChecked: true));
        for (var round = 0; round < options.Rounds; round++)
        {
            without.Add(await BenchFolder.UseAsync(options, folder => RunAsync(folder, options.Count(Messages), isChecked: false)));
            with.Add(await BenchFolder.UseAsync(options, folder => RunAsync(folder, options.Count(Messages), isChecked: true)));
        }

        Row[] own = [RowOf("trunkline, no subject", without), RowOf("trunkline, subjects, reject", with)];
        rows.AddRange(own);
        goals.Add(new("flow, live: without subjects / with, policy reject", own[0].PerSecond / own[1].PerSecond, 1.25, AtLeast: false));
        notes.Add(string.Create(CultureInfo.InvariantCulture, $"Flow: {Messages:N0} messages as in `bench flow`, published while the flow runs; checked are what is published and what the flow writes, each against 8 to 10 properties. Cpu is the least of the rounds."));
    }

    private static async Task<Outcome> RunAsync(string folder, int count, bool isChecked)
    {
        await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder }, CancellationToken.None);
        using var registry = await SchemaRegistry.OpenAsync(broker, CancellationToken.None);
        await RegisterAsync(registry, "in", "");
        await RegisterAsync(registry, "out", ""","stage":{"const":"triaged"},"score":{"type":"integer"}""");
        using var http = new HttpClient();
        await using var flows = FlowHarness.Flows(broker, http, _ => TrunklineFlow.Handler(), new ContractCheck(registry));
        await flows.ApplyAsync(Project(isChecked), 1, CancellationToken.None);
        return await FlowHarness.TimeAsync(count, async () =>
        {
            await PublishAsync(broker, flows.ContractOf("in"), count);
            await FlowHarness.UntilAsync(async () => (await flows.SnapshotAsync("bench", CancellationToken.None))!.Counts is var counts
                && (counts.DeadLettered == 0 ? counts.Delivered + counts.Filtered == count : throw new InvalidOperationException("a message of the bench did not fit")));
        });
    }

    private static async Task RegisterAsync(SchemaRegistry registry, string subject, string more) => await registry.RegisterAsync(
        SubjectName.Parse(subject),
        new Registration(new SchemaContent { Type = SchemaTypes.Json, Text = $$$"""{"type":"object","required":["id","conversation","text"],"additionalProperties":false,"properties":{ {{{Properties}}}{{{more}}} } }""" }),
        CancellationToken.None);

    private static async Task PublishAsync(EmbeddedBroker broker, Server.Flows.Contracts.TopicContract? contract, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
        {
            var messages = chunk.Select(FlowLoad.Message).ToArray();
            if (contract is not null && messages.Any(message => contract.CheckAndCount(message).Count > 0))
            {
                throw new InvalidOperationException("a message of the bench does not fit");
            }

            await broker.AppendAsync(new TopicAppend { Topic = "in", Messages = messages }, CancellationToken.None);
        }
    }

    private static ProjectConfig Project(bool isChecked) => new()
    {
        Topics = new Dictionary<string, TopicConfig> { ["in"] = TopicOf("in", isChecked), ["out"] = TopicOf("out", isChecked) },
        Flows = new Dictionary<string, FlowConfig>
        {
            ["bench"] = new()
            {
                Name = "bench",
                From = new TopicSourceConfig("in", "flow.bench", SubscribeStart.Earliest, default),
                Branches = [new BranchConfig(null, [new TopicSinkConfig("out", "out", null, default(SourceLocation))], default)],
            },
        },
    };

    private static TopicConfig TopicOf(string name, bool isChecked) => new()
    {
        Settings = new TopicSettings { Name = name, Partitions = 4, DedupeWindow = TimeSpan.Zero },
        Subject = isChecked ? name : null,
        Contract = ContractPolicy.Reject,
    };

    private static Row RowOf(string who, List<Outcome> outcomes)
    {
        var sorted = outcomes.OrderBy(outcome => outcome.PerSecond).ToArray();
        return new Row(Case, who, "sync, atomic units", sorted[sorted.Length / 2].PerSecond, sorted[0].PerSecond, sorted[^1].PerSecond, null, null, sorted.Min(outcome => outcome.Cpu));
    }
}

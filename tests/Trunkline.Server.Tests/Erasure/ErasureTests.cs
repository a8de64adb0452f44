using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Trunkline.Brokers.Embedded;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Erasure;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Tests.Flows;
using Trunkline.Server.Tests.Hosting;

namespace Trunkline.Server.Tests.Erasure;

/// <summary>A subject's data planted everywhere a node keeps something, erased, and looked for byte by byte.</summary>
public sealed class ErasureTests : IAsyncLifetime
{
    private const string Secret = "SECRET-4711-ada";

    private const string Project = """
        topics: { in: { partitions: 2 }, out: { partitions: 1 }, moved: { partitions: 1 } }
        flows:
          answer:
            from: { topic: in }
            steps:
              - parse: json
              - state: { update: "({ last: message })" }
              - timer: { as: forgotten, after: 1h }
              - filter: message.n.value > 0
            to: [ { topic: out }, { topic: moved, key: "'other-' + message.n.value" } ]
          careful:
            from: { topic: in }
            steps: [ { parse: json }, { filter: message.n.value } ]
            to: { topic: out }
            onFailure: park-key
        """;

    private readonly NodeFixture _node = new("erasure", Project);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _node.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData("key")]
    [InlineData("id")]
    [InlineData("tenant")]
    public async Task Nothing_of_a_subject_is_left_anywhere_and_all_else_is(string kind)
    {
        await FillAsync(kind);
        var before = await CountsAsync();
        Assert.NotEmpty(Found());

        var started = await EraseAsync(new EraseRequest { Key = kind == "key" ? Secret : null, Id = kind == "id" ? Secret : null, Tenant = kind == "tenant" ? Secret : null });
        var proof = await DoneAsync(started.Id);

        Assert.Empty(Found());
        Assert.Equal((kind, started.RequestHash), (proof.Kind, proof.RequestHash));
        Assert.True(proof.FinishedAt >= proof.StartedAt);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(proof), StringComparison.Ordinal);
        var erased = proof.Stores.ToDictionary(store => store.Store, store => store.Erased);
        Assert.True(erased["in"] >= 1 && erased["out"] >= 1 && erased["moved"] >= 1 && erased["trunkline.outcomes.answer"] >= 1 && erased["trunkline.facts"] >= 1, JsonSerializer.Serialize(proof));
        var expected = new ErasureSubject(Enum.Parse<ErasureKind>(kind, ignoreCase: true), Encoding.UTF8.GetBytes(Secret)).Hash(Convert.FromHexString(started.Salt));
        Assert.Equal(expected, proof.RequestHash);

        // Of the others nothing is missing, and work goes on.
        if (kind != "tenant")
        {
            Assert.Equal("of bob", Assert.Single((await _node.Client.Logs.FindAsync(new LogQuestion { Service = "unknown" }, 10, null, Cancel)).Lines).Text);
            Assert.Equal(new string('b', 32), Assert.Single((await _node.Client.Traces.ListAsync(new TraceQuery { Service = "unknown" }, Cancel)).Traces).Trace);
        }

        Assert.Equal(before, await CountsAsync());
        Assert.Equal("delivered", (await OutcomesAsync("id=bob-2")).Outcomes.First(one => one.Flow == "answer").State);
        Assert.Empty((await OutcomesAsync("id=" + Secret)).Outcomes);
        await PublishAsync("bob-9", "bob", "acme", """{"n":{"value":9}}""");
        await Eventually.HoldsAsync(async () => (await OutcomesAsync("id=bob-9")).Outcomes.Count == 2, "flows go on behind the erased messages");
        var changes = await _node.Http.GetStringAsync("/api/v1/changes", Cancel);
        Assert.Contains(started.RequestHash, changes, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, changes, StringComparison.Ordinal);

        await _node.StopAsync();
        Assert.Empty(Found());
        await _node.StartAsync();
        Assert.Equal("done", (await _node.Http.GetFromJsonAsync<ErasureView>("/api/v1/erasures/" + started.Id, Cancel))!.State);
        Assert.Empty(Found());
    }

    [Fact]
    public async Task An_erasure_cut_off_in_the_middle_goes_on_at_the_next_start_with_what_it_had_found()
    {
        await FillAsync("key");
        await _node.StopAsync();
        await using (var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = Path.Combine(_node.Data, "store") }, Cancel))
        {
            var subject = new ErasureSubject(ErasureKind.Key, Encoding.UTF8.GetBytes(Secret));
            var job = new ErasureJob
            {
                Id = "cut-off",
                Who = "test",
                Kind = subject.Kind,
                RequestHash = "sha256:0",
                StartedAt = default,
                Value = subject.Value.ToArray(),
                Phase = ErasurePhase.Erasing,
            };
            var finds = new ErasureFinds();
            var search = new ErasureSearch(broker, subject, finds);
            await search.RunAsync(Cancel);
            await new ErasurePlan(broker).KeepAsync(finds, job, Cancel);

            // The source is erased; what was made of it under another key is told by its place only.
            foreach (var (topic, partition, offsets) in finds.Places.Where(place => place.Topic == "in"))
            {
                await broker.EraseAsync(topic, [.. offsets.Select(offset => new ErasedMessage(new Position(partition, offset)))], Cancel);
            }
        }

        Assert.NotEmpty(Found());
        await _node.StartAsync();
        var proof = await DoneAsync("cut-off");
        Assert.Empty(Found());
        Assert.True(proof.Stores.Single(store => store.Store == "moved").Erased >= 1);
    }

    [Fact]
    public async Task A_parked_message_that_was_erased_is_passed_over_when_its_key_is_released()
    {
        await PublishAsync("p1", "park", null, """{"n":null}""");
        await PublishAsync(Secret, "park", null, """{"n":{"value":2}}""");
        await PublishAsync("p3", "park", null, """{"n":{"value":3}}""");
        await Eventually.HoldsAsync(async () => (await _node.Http.GetFromJsonAsync<ParkedKeyList>("/api/v1/flows/careful/parked", Cancel))!.Keys is [{ Waiting: 3 }], "three wait");
        await DoneAsync((await EraseAsync(new EraseRequest { Id = Secret })).Id);
        Assert.Empty(Found());

        using var answer = await _node.Http.PostAsJsonAsync(
            "/api/v1/flows/careful/parked/release", new ReleaseKeyRequest(Convert.ToBase64String("park"u8), SkipFailed: true), Cancel);
        Assert.Equal("Released", (await answer.Content.ReadFromJsonAsync<ReleaseKeyResult>(Cancel))!.Outcome);
        var outcome = (await OutcomesAsync("id=p3")).Outcomes.Single(one => one.Flow == "careful");
        Assert.Equal(("delivered", 1), (outcome.State, outcome.Deliveries));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"key":"a","id":"b"}""")]
    [InlineData("""{"id":""}""")]
    [InlineData("""{"tenant":""}""")]
    [InlineData("""{"keyBase64":"!"}""")]
    public async Task A_request_that_does_not_say_what_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync("/api/v1/erasures", content, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "erasure.invalid"), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Backups_that_are_still_there_are_listed()
    {
        foreach (var name in new[] { "kept", "gone" })
        {
            using var taken = await _node.Http.PostAsJsonAsync("/api/v1/backups", new BackupRequest(Path.Combine(_node.Folder, name)), Cancel);
            taken.EnsureSuccessStatusCode();
        }

        Directory.Delete(Path.Combine(_node.Folder, "gone"), recursive: true);
        var proof = await DoneAsync((await EraseAsync(new EraseRequest { Tenant = "nobody" })).Id);
        Assert.Equal([Path.Combine(_node.Folder, "kept")], proof.Backups);
    }

    [Fact]
    public async Task What_nobody_has_is_erased_with_a_proof_and_an_unknown_erasure_is_not_found()
    {
        var proof = await DoneAsync((await EraseAsync(new EraseRequest { Key = "nobody" })).Id);
        Assert.Equal(0, proof.Stores.Sum(store => store.Erased));
        using var unknown = await _node.Http.GetAsync("/api/v1/erasures/unknown", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    /// <summary>The secret as key, id or tenant, and in the payload: delivered, dead-lettered, parked, and told about later.</summary>
    private async Task FillAsync(string kind)
    {
        var key = kind == "key" ? Secret : "ada";
        var tenant = kind == "tenant" ? Secret : "acme";
        var id = kind == "id" ? Secret : "ada-1";
        await PublishAsync("bob-1", "bob", "acme", """{"n":{"value":1}}""");
        await PublishAsync(id, key, tenant, $"{{\"n\":{{\"value\":1}},\"text\":\"{Secret}\"}}");
        if (kind != "id")
        {
            await PublishAsync("ada-2", key, tenant, $"{{\"n\":null,\"text\":\"{Secret}\"}}");
            await PublishAsync("ada-3", key, tenant, $"{{\"n\":{{\"value\":3}},\"text\":\"{Secret}\"}}");
        }

        await PublishAsync("bob-2", "bob", "acme", """{"n":{"value":2}}""");
        await TellAsync($"[{{\"fact\":\"label\",\"id\":\"{id}\",\"label\":\"{Secret}\"}},{{\"fact\":\"read\",\"id\":\"bob-1\"}}]");
        await Eventually.HoldsAsync(async () => (await OutcomesAsync("id=bob-2")).Outcomes.Count == 2, "bob is through");
        await TellOfOthersAsync(kind);
        var last = kind == "id" ? id : "ada-3";
        await Eventually.HoldsAsync(async () => (await OutcomesAsync("id=" + last)).Outcomes.Count == 2, "ada is through");
    }

    /// <summary>Services around name the message and its key in what they log and trace, and say them in their texts; of others they tell too.</summary>
    private async Task TellOfOthersAsync(string kind)
    {
        if (kind == "tenant")
        {
            return;
        }

        var name = kind == "key" ? "messaging.kafka.message.key" : "messaging.message.id";
        var now = TraceTime.Of(TimeProvider.System.GetUtcNow());
        string Said(string value) => $$$"""{"key":"{{{name}}}","value":{"stringValue":"{{{value}}}"}}""";
        string Record(string text, string named) => $$$"""{"timeUnixNano":"{{{now}}}","body":{"stringValue":"{{{text}}}"},"attributes":[{{{named}}}]}""";
        string Span(char id, string named) => $$$"""{"traceId":"{{{new string(id, 32)}}}","spanId":"00f067aa0ba902b7","name":"a","kind":2,"startTimeUnixNano":"{{{now}}}","endTimeUnixNano":"{{{now}}}","attributes":[{{{named}}}]}""";
        await PostAsync("/v1/logs", $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{{Record("named", Said(Secret))}}},{{{Record("of " + Secret, "")}}},{{{Record("of bob", Said("bob"))}}}]}]}]}""");
        await PostAsync("/v1/traces", $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{Span('a', Said(Secret))}}},{{{Span('b', Said("bob"))}}}]}]}]}""");
        await Eventually.HoldsAsync(async () => (await _node.Client.Logs.FindAsync(new LogQuestion { Service = "unknown" }, 10, null, Cancel)).Lines.Count == 3, "the lines are kept");
        await Eventually.HoldsAsync(async () => (await _node.Client.Traces.ListAsync(new TraceQuery { Service = "unknown" }, Cancel)).Traces.Count == 2, "the traces are kept");
    }

    private async Task PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync(path, content, Cancel);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<string> CountsAsync()
    {
        var bob = await OutcomesAsync("key=bob");
        var facts = bob.Outcomes.Where(one => one.Id == "bob-1").SelectMany(one => one.Facts).Count();
        var kept = new List<string>();
        foreach (var topic in new[] { "in", "out", "moved" })
        {
            var page = (await _node.Http.GetFromJsonAsync<MessagesPage>($"/api/v1/topics/{topic}/messages", Cancel))!;
            kept.Add($"{topic}: {page.Messages.Count(message => !message.ToString().Contains(Secret, StringComparison.Ordinal) && (message.PartitionKey ?? "").StartsWith("bob", StringComparison.Ordinal))}");
        }

        // What a flow remembers of the others: the state of each, and its timer.
        var state = await _node.Http.GetStringAsync("/api/v1/flows/answer/state?key=bob", Cancel);
        return $"{bob.Outcomes.Count} outcomes, {facts} facts, {string.Join(", ", kept)}, {state}";
    }

    private List<string> Found()
    {
        var needle = Encoding.UTF8.GetBytes(Secret);
        return [.. Directory.EnumerateFiles(_node.Data, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "LOCK" && Holds(file, needle)).Select(file => Path.GetFileName(file))];
    }

    private static bool Holds(string file, byte[] needle)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            return memory.ToArray().AsSpan().IndexOf(needle) >= 0;
        }
        catch (FileNotFoundException)
        {
            // The store removed it in between.
            return false;
        }
    }

    private Task PublishAsync(string id, string key, string? tenant, string json) => _node.PublishEventAsync("in", id, key, tenant, json);

    private async Task TellAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync("/api/v1/outcomes", content, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<OutcomeList> OutcomesAsync(string query) => (await _node.Http.GetFromJsonAsync<OutcomeList>("/api/v1/outcomes?" + query, Cancel))!;

    private async Task<ErasureStarted> EraseAsync(EraseRequest request)
    {
        using var answer = await _node.Http.PostAsJsonAsync("/api/v1/erasures", request, ApiJson.Default.EraseRequest, Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(Cancel));
        return (await answer.Content.ReadFromJsonAsync<ErasureStarted>(Cancel))!;
    }

    private async Task<ErasureView> DoneAsync(string id)
    {
        ErasureView? view = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                view = await _node.Http.GetFromJsonAsync<ErasureView>("/api/v1/erasures/" + id, Cancel);
                Assert.Null(view!.Trouble);
                return view.State == "done";
            },
            "the erasure is done",
            60);
        return view!;
    }
}

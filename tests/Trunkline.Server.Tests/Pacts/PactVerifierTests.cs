using System.Text;
using Trunkline.Server.Pacts.Verifying;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>A provider that is held to pacts of all versions: a real server, asked over HTTP.</summary>
public sealed class PactVerifierTests : IAsyncLifetime
{
    private const string V1 = """
        {"consumer":{"name":"web"},"provider":{"name":"api"},"metadata":{"pactSpecificationVersion":"1.0.0"},"interactions":[
          {"description":"a mail","provider_state":"mail 7 is there","request":{"method":"get","path":"/mails/7"},"response":{"status":200,"headers":{"Content-Type":"application/json"},"body":{"id":7,"subject":"Hello"}}}]}
        """;

    private const string V2 = """
        {"consumer":{"name":"web"},"provider":{"name":"api"},"metadata":{"pactSpecification":{"version":"2.0.0"}},"interactions":[
          {"description":"any mail","providerState":"mail 7 is there","request":{"method":"GET","path":"/mails/7","query":"full=1"},
           "response":{"status":200,"body":{"id":1,"subject":"x","tags":["a"]},"matchingRules":{"$.body":{"match":"type"},"$.body.tags":{"min":1}}}}]}
        """;

    private const string V3 = """
        {"consumer":{"name":"web"},"provider":{"name":"api"},"metadata":{"pactSpecification":{"version":"3.0.0"}},
         "interactions":[{"description":"the newest mail","providerStates":[{"name":"mail 7 is there"},{"name":"somebody is signed in","params":{"name":"Ann"}}],
           "request":{"method":"GET","path":"/mails/1","headers":{"X-Who":"nobody"},"generators":{"path":{"type":"ProviderState","expression":"/mails/${id}"},"header":{"X-Who":{"type":"ProviderState","expression":"${who}"}}}},
           "response":{"status":200,"body":{"id":1,"at":"2020-01-01"},"matchingRules":{"body":{"$.id":{"matchers":[{"match":"integer"}]},"$.at":{"matchers":[{"match":"date","date":"yyyy-MM-dd"}]}}}}}],
         "messages":[{"description":"a mail came","contents":{"id":1},"metaData":{"contentType":"application/json","kind":"mail"},"matchingRules":{"body":{"$.id":{"matchers":[{"match":"type"}]}}}}]}
        """;

    private const string V4 = """
        {"consumer":{"name":"web"},"provider":{"name":"api"},"metadata":{"pactSpecification":{"version":"4.0"}},"interactions":[
          {"type":"Synchronous/HTTP","description":"a new mail","request":{"method":"POST","path":"/mails","headers":{"Content-Type":["application/json"]},"body":{"contentType":"application/json","encoded":false,"content":{"subject":"Hi"}}},
           "response":{"status":200,"body":{"contentType":"application/json","encoded":false,"content":{"subject":"Hi"}},"matchingRules":{"status":{"$":{"matchers":[{"match":"statusCode","status":"success"}]}}}}},
          {"type":"Asynchronous/Messages","description":"a mail came","contents":{"contentType":"application/json","encoded":false,"content":{"id":3,"list":[{"a":1}]}},"metadata":{"kind":"mail"},
           "matchingRules":{"body":{"$.id":{"matchers":[{"match":"type"}]},"$.list":{"matchers":[{"match":"arrayContains","variants":[{"index":0,"rules":{"$.a":{"matchers":[{"match":"integer"}]}}}]}]}}}},
          {"type":"Synchronous/HTTP","pending":true,"description":"not yet","request":{"method":"GET","path":"/none"},"response":{"status":200}}]}
        """;

    private readonly HttpClient _http = new();
    private MailProvider _provider = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _provider = await MailProvider.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData(V1, 1, 1)]
    [InlineData(V2, 2, 1)]
    [InlineData(V3, 3, 2)]
    [InlineData(V4, 4, 3)]
    public async Task A_provider_that_does_as_expected_keeps_pacts_of_every_version(string pact, int version, int interactions)
    {
        var verdict = await VerifyAsync(pact);
        Assert.True(verdict.Success, string.Join('\n', verdict.Interactions.SelectMany(one => one.Mismatches)));
        Assert.Equal(("web", "api", version, interactions), (verdict.Consumer, verdict.Provider, verdict.Version, verdict.Interactions.Count));
        Assert.All(verdict.Interactions, one => Assert.NotEqual(one.Success, one.Pending));
    }

    [Fact]
    public async Task States_are_set_before_and_taken_back_after_in_the_other_order()
    {
        await VerifyAsync(V3);
        Assert.Equal(
            ["mail 7 is there setup", "somebody is signed in setup", "somebody is signed in teardown", "mail 7 is there teardown"],
            _provider.States.Select(state => System.Text.Json.JsonDocument.Parse(state).RootElement).Select(state => $"{state.GetProperty("state")} {state.GetProperty("action")}"));
        Assert.Contains("\"Ann\"", _provider.States[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"subject\":\"Hello\"", "\"subject\":\"Bye\"", "body $.subject: \"Bye\" expected, \"Hello\" came")]
    [InlineData("\"id\":7", "\"id\":7,\"more\":1", "body $: 'more' is missing")]
    [InlineData("\"status\":200", "\"status\":204", "status: 204 expected, 200 came")]
    [InlineData("/mails/7", "/none", "status: 200 expected, 404 came")]
    [InlineData("application/json", "text/html", "header Content-Type: \"text/html\" expected, \"application/json; charset=utf-8\" came")]
    public async Task What_a_provider_breaks_is_told_with_its_place(string kept, string expected, string told)
    {
        var verdict = await VerifyAsync(V1.Replace(kept, expected, StringComparison.Ordinal));
        Assert.False(verdict.Success);
        Assert.Equal(told, verdict.Interactions[0].Mismatches[0]);
    }

    [Fact]
    public async Task A_message_is_looked_for_among_those_that_were_sent_and_the_nearest_is_told()
    {
        PactEmitted[] sent = [Emitted("{\"id\":\"text\",\"list\":[]}", "other"), Emitted("{\"id\":9,\"list\":[{\"a\":\"b\"}]}", "mail")];
        var broken = (await VerifyAsync(V4, _provider.Options with { Messages = null, Emitted = sent })).Interactions[1];
        Assert.Equal(["message: none of 2 is as expected; the nearest:", "body $.list: no item is like variant 0"], broken.Mismatches);
        sent = [.. sent, Emitted("{\"id\":9,\"list\":[{\"a\":2}]}", "mail")];
        Assert.True((await VerifyAsync(V4, _provider.Options with { Messages = null, Emitted = sent })).Interactions[1].Success);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_told_as_such_and_no_pact_is_refused()
    {
        var away = await VerifyAsync(V1, new PactVerifierOptions { Provider = new Uri("http://127.0.0.1:1") });
        Assert.StartsWith("provider: ", away.Interactions[0].Mismatches[0], StringComparison.Ordinal);
        await Assert.ThrowsAsync<FormatException>(() => VerifyAsync("[]"));
        await Assert.ThrowsAsync<FormatException>(() => VerifyAsync("{}"));
    }

    private static PactEmitted Emitted(string text, string kind) => new(Encoding.UTF8.GetBytes(text), "application/json", new Dictionary<string, string> { ["kind"] = kind });

    private Task<PactVerdict> VerifyAsync(string pact, PactVerifierOptions? options = null) => new PactVerifier(_http, options ?? _provider.Options).VerifyAsync(pact, Cancel);
}

using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Server.Pacts;
using Trunkline.Server.Tests.Api;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>The pact broker over HTTP: contents that cannot be changed, verifications that follow contents, and who may be deployed.</summary>
public sealed class PactBrokerTests : ApiTest
{
    private const string Mail = """{"consumer":{"name":"web"},"provider":{"name":"api"},"interactions":[{"description":"a"},{"description":"b"}]}""";
    private const string Same = """{"consumer":{"name":"web"},"provider":{"name":"api"},"metadata":{"tool":"x"},"interactions":[{"description":"b"},{"description":"a"}]}""";
    private const string Other = """{"consumer":{"name":"web"},"provider":{"name":"api"},"messages":[{"description":"c"}]}""";

    [Fact]
    public async Task What_a_version_expects_cannot_be_changed_and_equal_contents_are_verified_once()
    {
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Mail)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Same)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Other)).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/2", Same)).Status);
        var (_, chosen) = await SendAsync(HttpMethod.Post, "pacts/provider/api/for-verification", """{"consumerVersionSelectors":[{"latest":true}],"includePendingStatus":true}""");
        var pact = Assert.Single(chosen.GetProperty("_embedded").GetProperty("pacts").EnumerateArray());
        Assert.True(pact.GetProperty("verificationProperties").GetProperty("pending").GetBoolean());
        var (_, shown) = await SendAsync(HttpMethod.Get, pact.GetProperty("_links").GetProperty("self").GetProperty("href").GetString()!, null);
        Assert.Equal(2, shown.GetProperty("interactions").GetArrayLength());
        var results = shown.GetProperty("_links").GetProperty("pb:publish-verification-results").GetProperty("href").GetString()!;
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, results, """{"success":true,"providerApplicationVersion":"7"}""")).Status);
        foreach (var version in new[] { "1", "2" })
        {
            Assert.True(await DeployableAsync($"q[][pacticipant]=web&q[][version]={version}&q[][pacticipant]=api&q[][version]=7"));
        }

        Assert.False(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&q[][pacticipant]=api&q[][version]=8"));
    }

    [Fact]
    public async Task Parts_of_a_pact_are_merged_where_that_is_asked_for_and_do_not_contradict()
    {
        const string More = """{"consumer":{"name":"web"},"provider":{"name":"api"},"interactions":[{"description":"b"},{"description":"c"}]}""";
        await PublishAsync("1", Mail, "main", false);
        Assert.Equal(HttpStatusCode.Conflict, await PublishAsync("1", More, "main", false));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync("1", More, "main", true));
        var (_, shown) = await SendAsync(HttpMethod.Get, "pacts/provider/api/consumer/web/version/1", null);
        Assert.Equal(["a", "b", "c"], shown.GetProperty("interactions").EnumerateArray().Select(one => one.GetProperty("description").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, await PublishAsync("1", More.Replace("{\"description\":\"c\"}", "{\"description\":\"c\",\"x\":1}", StringComparison.Ordinal), "main", true));
    }

    [Fact]
    public async Task Work_in_progress_is_offered_until_the_provider_keeps_it()
    {
        await PublishAsync("1", Mail, "main", false);
        await PublishAsync("2", Other, "feature", false);
        const string Ask = """{"consumerVersionSelectors":[{"branch":"main"}],"includePendingStatus":true,"providerVersionBranch":"trunk","includeWipPactsSince":"2020-01-01"}""";
        var (_, chosen) = await SendAsync(HttpMethod.Post, "pacts/provider/api/for-verification", Ask);
        Assert.Equal(["False", "True"], Wip(chosen));
        var (_, later) = await SendAsync(HttpMethod.Post, "pacts/provider/api/for-verification", Ask.Replace("2020", "2999", StringComparison.Ordinal));
        Assert.Equal(["False"], Wip(later));
        await SendAsync(HttpMethod.Put, "pacticipants/api/branches/trunk/versions/7", "{}");
        await VerifyAsync("7", true);
        Assert.Equal(["False"], Wip((await SendAsync(HttpMethod.Post, "pacts/provider/api/for-verification", Ask)).Answer));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(HttpMethod.Post, "pacts/provider/api/for-verification", """{"includeWipPactsSince":"x"}""")).Status);

        static IEnumerable<string> Wip(JsonElement chosen) => chosen.GetProperty("_embedded").GetProperty("pacts").EnumerateArray()
            .Select(one => one.GetProperty("verificationProperties").TryGetProperty("wip", out var wip) && wip.GetBoolean()).Select(wip => wip.ToString());
    }

    [Fact]
    public async Task Both_sides_are_asked_before_a_version_goes_to_an_environment()
    {
        await SendAsync(HttpMethod.Put, "pacts/provider/api/consumer/web/version/1", Mail);
        var (status, environment) = await SendAsync(HttpMethod.Post, "environments", """{"name":"prod","production":true}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(HttpMethod.Post, "environments", """{"name":"prod"}""")).Status);
        var id = environment.GetProperty("uuid").GetString()!;
        await SendAsync(HttpMethod.Put, "pacticipants/api/versions/7", "{}");

        // The provider may go, nobody there expects anything of it; the consumer may not, its provider is not there.
        Assert.True(await DeployableAsync("q[][pacticipant]=api&q[][version]=7&environment=prod"));
        Assert.False(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&environment=prod"));
        Assert.True(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&environment=prod&ignore[][pacticipant]=api"));
        await SendAsync(HttpMethod.Post, $"pacticipants/api/versions/7/deployed-versions/environment/{id}", "{}");
        Assert.False(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&environment=prod"));
        await VerifyAsync("7", false);
        Assert.False(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&environment=prod"));
        await VerifyAsync("7", true);
        Assert.True(await DeployableAsync("q[][pacticipant]=web&q[][version]=1&environment=prod"));
        await SendAsync(HttpMethod.Post, $"pacticipants/web/versions/1/deployed-versions/environment/{id}", "{}");

        // Now somebody there expects something of the provider: a version that was not verified may not replace it.
        await SendAsync(HttpMethod.Put, "pacticipants/api/versions/8", "{}");
        Assert.False(await DeployableAsync("q[][pacticipant]=api&q[][version]=8&environment=prod"));
        var (_, there) = await SendAsync(HttpMethod.Get, $"environments/{id}/deployed-versions/currently-deployed?pacticipant=web", null);
        var stay = there.GetProperty("_embedded").GetProperty("deployedVersions")[0].GetProperty("_links").GetProperty("self").GetProperty("href").GetString()!;
        await SendAsync(HttpMethod.Patch, stay, """{"currentlyDeployed":false}""");
        Assert.True(await DeployableAsync("q[][pacticipant]=api&q[][version]=8&environment=prod"));
    }

    [Theory]
    [InlineData("PUT", "pacts/provider/api/consumer/web/version/1", "{}", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "pacts/provider/api/consumer/web/version/1", "{", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "pacts/provider/api/consumer/other/version/1", Mail, HttpStatusCode.BadRequest)]
    [InlineData("POST", "contracts/publish", """{"pacticipantName":"web","pacticipantVersionNumber":"1","contracts":[{"providerName":"api","content":"!"}]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "contracts/publish", "[]", HttpStatusCode.BadRequest)]
    [InlineData("GET", "pacts/provider/api/consumer/web/latest", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "pacticipants/none", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "environments/none", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "matrix", null, HttpStatusCode.BadRequest)]
    [InlineData("GET", "matrix?q[][pacticipant]=web&environment=none", null, HttpStatusCode.OK)]
    [InlineData("POST", "pacts/provider/api/consumer/web/pact-version/x/verification-results", """{"success":true,"providerApplicationVersion":"1"}""", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_or_is_no_pact_is_refused(string method, string path, string? body, HttpStatusCode status) =>
        Assert.Equal(status, (await SendAsync(new HttpMethod(method), path, body)).Status);

    [Fact]
    public async Task A_book_rebuilt_from_the_topic_is_the_same()
    {
        await using var broker = new MemoryBroker(TimeProvider.System);
        using (var before = await PactBroker.OpenAsync(broker, TimeProvider.System, Cancel))
        {
            var pact = (await before.PublishAsync(new PactPublication("web", "1", [("api", Mail, false)]) { Branch = "main", Tags = ["t"] }, Cancel))[0];
            await before.VerifiedAsync(new PactResult(pact.Sha, "api", "7", true), Cancel);
            var environment = await before.EnvironmentAsync("prod", null, true, Cancel);
            await before.CameAsync(environment.Id, "api", "7", false, null, Cancel);
        }

        using var after = await PactBroker.OpenAsync(broker, TimeProvider.System, Cancel);
        Assert.Equal(["main"], after.Book.Version("web", "1")!.Branches);
        Assert.True(new PactMatrix(after.Book, [new PactSelector("web") { Version = "1" }], new PactSelector("") { Environment = "prod" }, new HashSet<string>()).Judge().Deployable);
    }

    private async Task VerifyAsync(string version, bool success)
    {
        var (_, shown) = await SendAsync(HttpMethod.Get, "pacts/provider/api/consumer/web/latest", null);
        var results = shown.GetProperty("_links").GetProperty("pb:publish-verification-results").GetProperty("href").GetString()!;
        await SendAsync(HttpMethod.Post, results, $$"""{"success":{{(success ? "true" : "false")}},"providerApplicationVersion":"{{version}}"}""");
    }

    private async Task<HttpStatusCode> PublishAsync(string version, string pact, string branch, bool merge)
    {
        var content = Convert.ToBase64String(Encoding.UTF8.GetBytes(pact));
        var contract = $$"""{"consumerName":"web","providerName":"api","specification":"pact","contentType":"application/json","content":"{{content}}","onConflict":"{{(merge ? "merge" : "overwrite")}}"}""";
        return (await SendAsync(HttpMethod.Post, "contracts/publish", $$"""{"pacticipantName":"web","pacticipantVersionNumber":"{{version}}","branch":"{{branch}}","contracts":[{{contract}}]}""")).Status;
    }

    private async Task<bool> DeployableAsync(string query) =>
        (await SendAsync(HttpMethod.Get, "matrix?" + query, null)).Answer.GetProperty("summary").GetProperty("deployable").GetBoolean();

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("http", StringComparison.Ordinal) ? path : "/pact/" + path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request, Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }
}

using System.Net;
using System.Text.RegularExpressions;

namespace Trunkline.Server.Tests.Api;

/// <summary>What the node tells about itself: topics, health, metrics, OpenAPI.</summary>
public sealed partial class DescriptionTests : ApiTest
{
    [Fact]
    public async Task Topics_are_listed_and_described()
    {
        await PostAsync("/api/v1/topics/one/messages", "1\n2", "application/x-ndjson");
        var list = (await GetAsync("/api/v1/topics")).GetProperty("topics").EnumerateArray().Select(t => t.GetProperty("name").GetString());
        Assert.Contains("one", list);
        var one = await GetAsync("/api/v1/topics/one");
        Assert.Equal((2L, "sync", 1), (one.GetProperty("messages").GetInt64(), one.GetProperty("durability").GetString(), one.GetProperty("partitions").GetArrayLength()));
    }

    [Fact]
    public async Task A_topic_is_created_once_and_a_conflict_is_told()
    {
        const string Request = """{"name":"made","partitions":2,"durability":"interval(50ms)","retentionAgeMs":60000}""";
        var (status, made) = await PostAsync("/api/v1/topics", Request, "application/json");
        Assert.Equal((HttpStatusCode.Created, "interval(50ms)"), (status, made.GetProperty("durability").GetString()));
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/api/v1/topics", Request, "application/json")).Status);
        var changes = (await GetAsync("/api/v1/changes")).GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("what").GetString());
        Assert.Single(changes, "create");
        AssertProblem(HttpStatusCode.Conflict, "topic.conflict", await PostAsync("/api/v1/topics", """{"name":"made","partitions":3}""", "application/json"));
        AssertProblem(HttpStatusCode.BadRequest, "topic.name-invalid", await PostAsync("/api/v1/topics", """{"name":"a/b"}""", "application/json"));
        AssertProblem(HttpStatusCode.Forbidden, "topic.internal", await PostAsync("/api/v1/topics", """{"name":"trunkline.x"}""", "application/json"));
        AssertProblem(HttpStatusCode.BadRequest, "request.parameter-invalid", await PostAsync("/api/v1/topics", """{"name":"x","partitions":5000}""", "application/json"));
        AssertProblem(HttpStatusCode.BadRequest, "request.parameter-invalid", await PostAsync("/api/v1/topics", """{"name":"x","durability":"interval(0ms)"}""", "application/json"));
        AssertProblem(HttpStatusCode.BadRequest, "request.body-invalid", await PostAsync("/api/v1/topics", """{"partitions":1}""", "application/json"));
        AssertProblem(HttpStatusCode.UnsupportedMediaType, "request.type-unsupported", await PostAsync("/api/v1/topics", "x", "text/plain"));
    }

    [Fact]
    public async Task Health_tells_live_and_ready()
    {
        Assert.Equal("live", (await GetAsync("/health/live")).GetProperty("status").GetString());
        Assert.Equal("ready", (await GetAsync("/health/ready")).GetProperty("status").GetString());
        Assert.Equal("memory", (await GetAsync("/api/v1/node")).GetProperty("broker").GetString());
    }

    [Fact]
    public async Task Metrics_are_in_Prometheus_format_with_help_and_no_unit_twice()
    {
        await PostAsync("/api/v1/topics/in/messages", "1", "application/json");
        await PostAsync("/api/v1/topics/none/messages", "1", "application/json");
        using var response = await Http.GetAsync("/metrics", Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("trunkline_published_messages_total{", text, StringComparison.Ordinal);
        Assert.Contains("trunkline_publish_append_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("cause=\"topic.not-found\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("_total_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain("_seconds_seconds", text, StringComparison.Ordinal);
        var typed = TypeLine().Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
        var helped = HelpLine().Matches(text).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Empty(typed.Where(t => t.StartsWith("trunkline_", StringComparison.Ordinal)).Except(helped));
    }

    [Fact]
    public async Task OpenAPI_names_every_address_and_the_page_shows_them()
    {
        var document = await GetAsync("/openapi/v1.json");
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        string[] expected = ["/api/v1/topics", "/api/v1/topics/{topic}", "/api/v1/topics/{topic}/messages", "/api/v1/topics/{topic}/stream",
            "/api/v1/topics/{topic}/groups/{group}/fetch", "/api/v1/dead", "/health/ready", "/api/v1/node"];
        Assert.Empty(expected.Except(paths));
        var publish = document.GetProperty("paths").GetProperty("/api/v1/topics/{topic}/messages").GetProperty("post");
        Assert.Contains("application/cloudevents-batch+json", publish.GetProperty("requestBody").GetProperty("content").EnumerateObject().Select(c => c.Name));
        using var page = await Http.GetAsync("/docs", Cancel);
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("/api/v1/topics/{topic}/stream", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^# TYPE (\S+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^# HELP (\S+) \S", RegexOptions.Multiline)]
    private static partial Regex HelpLine();
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Dashboard;
using Trunkline.Dashboard.Data;
using Trunkline.Dashboard.Map;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>Who shares a reading of the map, over a real server with the dashboard, that answers with a map whose topic is named after the question.</summary>
public sealed class MapFeedTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly HttpClient _http = new();
    private readonly TaskCompletionSource _hanging = new();
    private WebApplication? _server;
    private int _asked;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time).AddTrunklineDashboard(() => _http.BaseAddress!);
        _server = builder.Build();
        _server.MapTrunklineDashboard();
        _server.MapGet("/api/v1/map", Answer);
        await _server.StartAsync(TestContext.Current.CancellationToken);
        _http.BaseAddress = new Uri(_server.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task Only_those_that_ask_the_same_share_a_reading_whatever_part_of_the_question_differs()
    {
        var feed = Feed();
        MapQuestion[] questions = [new(), .. typeof(MapQuestion).GetProperties().Where(part => part.CanWrite).Select(part =>
        {
            var question = new MapQuestion();
            part.SetValue(question, "x");
            return question;
        })];
        var readings = new List<MapReading>();
        foreach (var question in questions)
        {
            readings.Add(await feed.ReadAsync(Connect, question, TestContext.Current.CancellationToken));
            Assert.Equal(question.Query, readings[^1].Map.Nodes.Single().Name.TrimStart('?'));
            Assert.Same(readings[^1], await feed.ReadAsync(Connect, question with { }, TestContext.Current.CancellationToken));
        }

        Assert.Equal(questions.Length, _asked);
        Assert.Equal(questions.Length, readings.Select(r => r.Map.Nodes.Single().Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task After_half_a_second_the_map_is_read_again()
    {
        var feed = Feed();
        var first = await feed.ReadAsync(Connect, new MapQuestion(), TestContext.Current.CancellationToken);
        _time.Advance(MapFeed.Interval);
        Assert.Equal(first.Number + 1, (await feed.ReadAsync(Connect, new MapQuestion(), TestContext.Current.CancellationToken)).Number);
    }

    [Fact]
    public async Task A_question_the_node_refuses_is_told_as_such_to_each_that_asks_it_and_shares_nothing()
    {
        using var client = Connect();
        var loader = new MapLoader(client, Connect, Feed(), _time);
        for (var asked = 1; asked <= 2; asked++)
        {
            var board = await loader.LoadAsync(new MapQuestion { Group = "refused" }, TestContext.Current.CancellationToken);
            Assert.True(board.Map.IsRefused);
            Assert.Null(board.Reading);
            Assert.Equal(asked, _asked);
        }
    }

    [Fact]
    public async Task Pages_within_half_a_second_ask_once_and_show_the_same_whether_drawn_for_one_or_for_all()
    {
        var first = await MapOfPageAsync("/map?find=a");
        Assert.Contains("find=a", first, StringComparison.Ordinal);
        Assert.Equal(first, await MapOfPageAsync("/map?find=a"));
        Assert.Equal(first, await MapOfPageAsync("/map?find=a"));
        Assert.Equal(1, _asked);
        Assert.DoesNotContain("find=a", await MapOfPageAsync("/map?find=b"), StringComparison.Ordinal);
        using var refused = await _http.GetAsync(new Uri("/map?group=refused", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(StatusCodes.Status400BadRequest, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_stream_ends_after_a_time_so_that_its_viewer_is_looked_at_again()
    {
        await using var stream = await _http.GetStreamAsync(new Uri("/map/live", UriKind.Relative), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Equal("id: 1", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        _time.Advance(MapLive.Lasts);
        Assert.Contains("topic", await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_that_ask_a_node_that_hangs_share_one_wait_and_one_answer_even_if_who_asked_first_has_gone()
    {
        var feed = Feed();
        var question = new MapQuestion { Group = "hanging" };
        using var first = new CancellationTokenSource();
        var gone = feed.ReadAsync(Connect, question, first.Token);
        var waits = Enumerable.Range(0, 5).Select(_ => feed.ReadAsync(Connect, question, TestContext.Current.CancellationToken)).ToArray();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        _hanging.SetResult();
        var told = new List<string>();
        foreach (var wait in waits)
        {
            told.Add((await Assert.ThrowsAsync<TrunklineException>(() => wait)).Message);
        }

        Assert.Single(told.Distinct(StringComparer.Ordinal));
        Assert.Equal(1, _asked);
        await Assert.ThrowsAsync<TrunklineException>(() => feed.ReadAsync(Connect, question, TestContext.Current.CancellationToken));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_page_whose_question_was_waited_for_in_vain_asks_no_other_and_says_so()
    {
        var handlers = _server!.Services.GetRequiredService<IHttpMessageHandlerFactory>();
        using var client = new DashboardNode(handlers, () => _http.BaseAddress!) { Patience = TimeSpan.FromMilliseconds(200) }.ClientFor(new DefaultHttpContext().Request);
        for (var tries = 0; tries < 3; tries++)
        {
            var away = await Assert.ThrowsAsync<NodeUnreachableException>(() => client.GetMapAsync(new MapQuestion { Group = "hanging" }, TestContext.Current.CancellationToken));
            Assert.Contains("did not answer within", away.Message, StringComparison.Ordinal);
        }

        Assert.InRange(_asked, 0, 1);
        _hanging.SetResult();
    }

    private MapFeed Feed() => new(_time, new MapLayouts());

    private TrunklineClient Connect() => new(new HttpClient { BaseAddress = _http.BaseAddress });

    /// <summary>The picture and its table.</summary>
    private async Task<string> MapOfPageAsync(string address)
    {
        var page = await _http.GetStringAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);
        return page[page.IndexOf("<section id=\"map\"", StringComparison.Ordinal)..page.LastIndexOf("</section>", StringComparison.Ordinal)];
    }

    private async Task<IResult> Answer(HttpRequest request)
    {
        Interlocked.Increment(ref _asked);
        if (request.Query["group"] == "hanging")
        {
            await _hanging.Task;
            return Results.Problem("It took too long.", statusCode: StatusCodes.Status500InternalServerError);
        }

        return request.Query["group"] == "refused"
            ? Results.Problem("group takes owner, auto or none.", statusCode: StatusCodes.Status400BadRequest)
            : Results.Json(new MapView(_time.GetUtcNow(), 60, [new MapNode { Id = "topic:a", Kind = "topic", Name = request.QueryString.Value ?? "", Figures = new MapFigures() }], []));
    }
}

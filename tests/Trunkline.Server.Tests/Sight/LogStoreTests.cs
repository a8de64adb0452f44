using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Core.Security;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Tests.Sight;

public sealed class LogStoreTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_are_found_by_what_they_are_of_newest_first_and_paged()
    {
        var store = new LogStore(new MemoryBroker(_time), 64_000_000);
        Assert.Equal((0, 0L), ((await store.FindAsync(new LogQuery(), 10, null, Cancel)).Lines.Count, (await store.FindAsync(new LogQuery(), 10, null, Cancel)).End));
        await store.AppendAsync(
            [
                Line("one") with { Flow = "sort", Message = "m1", Trace = "aa", KeyMark = KeyMark.Of("ada") },
                Line("two") with { Flow = "answer", Level = LogLevel.Warning },
                Line("three") with { Flow = "sort", Message = "m2" },
            ],
            Cancel);
        Assert.Equal("three two one", await TextsAsync(store, new LogQuery()));
        Assert.Equal("one", await TextsAsync(store, new LogQuery { Trace = "AA" }));
        Assert.Equal("one", await TextsAsync(store, new LogQuery { Message = "m1" }));
        Assert.Equal("one", await TextsAsync(store, new LogQuery { KeyMark = KeyMark.Of("ada") }));
        Assert.Equal("three one", await TextsAsync(store, new LogQuery { Flow = "sort" }));
        Assert.Equal("three one", await TextsAsync(store, new LogQuery { Owner = "desk", Owned = new HashSet<string> { "sort" } }));
        Assert.Equal("two", await TextsAsync(store, new LogQuery { Least = LogLevel.Warning }));
        Assert.Equal("two", await TextsAsync(store, new LogQuery { Text = "TW" }));
        Assert.Equal("", await TextsAsync(store, new LogQuery { Since = _time.GetUtcNow().AddSeconds(1) }));

        var page = await store.FindAsync(new LogQuery(), 2, null, Cancel);
        Assert.Equal((2, 1L), (page.Lines.Count, page.Rest!.Value));
        Assert.Equal("one", (await store.FindAsync(new LogQuery(), 2, page.Rest, Cancel)).Lines.Single().Line.Text);
        Assert.Null((await store.FindAsync(new LogQuery(), 3, 1, Cancel)).Rest);
    }

    [Fact]
    public async Task A_line_told_late_does_not_hide_those_before_it()
    {
        var store = new LogStore(new MemoryBroker(_time), 64_000_000);
        await store.AppendAsync([Line("one"), Line("late") with { At = _time.GetUtcNow().AddHours(-6), Service = "shop" }, Line("two")], Cancel);
        Assert.Equal("two one", await TextsAsync(store, new LogQuery { Since = _time.GetUtcNow().AddHours(-1) }));
        Assert.Equal("late", await TextsAsync(store, new LogQuery { Service = "shop" }));
    }

    [Fact]
    public async Task The_bound_of_bytes_follows_the_project()
    {
        var broker = new MemoryBroker(_time);
        await new LogStore(broker, 64_000_000).AppendAsync([Line("one")], Cancel);
        await new LogStore(broker, 2_000_000).AppendAsync([Line("two")], Cancel);
        Assert.Equal(2_000_000, (await broker.DescribeTopicAsync(LogStore.TopicName, Cancel)).Settings.RetentionBytes);
    }

    [Fact]
    public async Task What_follows_a_place_comes_oldest_first_and_nothing_is_missed()
    {
        var store = new LogStore(new MemoryBroker(_time), 64_000_000);
        await store.AppendAsync([Line("one"), Line("two"), Line("three")], Cancel);
        var first = await store.FollowAsync(new LogQuery(), 2, 0, Cancel);
        Assert.Equal(["one", "two"], first.Lines.Select(l => l.Line.Text));
        Assert.Equal("three", (await store.FollowAsync(new LogQuery(), 2, first.End, Cancel)).Lines.Single().Line.Text);
        Assert.Empty((await store.FollowAsync(new LogQuery { Text = "none" }, 2, 0, Cancel)).Lines);
        Assert.Equal(3, (await store.FollowAsync(new LogQuery { Text = "none" }, 2, 0, Cancel)).End);
    }

    [Fact]
    public void A_line_knows_its_flow_and_message_and_nothing_of_what_an_exception_holds()
    {
        var book = new LogBook(_time);
        KeyValuePair<string, object?>[] values = [new("Flow", "sort"), new("Message", "m1")];
        book.CreateLogger("Trunkline.Flows").Log(LogLevel.Warning, default, values, new InvalidOperationException("the secret"), (_, _) => "Flow sort: message m1");
        var line = book.Take(10).Single();
        Assert.Equal(("sort", "m1", LogLevel.Warning, "Flow sort: message m1 [InvalidOperationException]"), (line.Flow!, line.Message!, line.Level, line.Text));
        Assert.Equal(_time.GetUtcNow(), line.At);
    }

    [Fact]
    public void Who_logs_never_waits_and_what_is_lost_is_told()
    {
        var book = new LogBook(_time);
        for (var n = 0; n < LogBook.Capacity + 5; n++)
        {
            book.Add(Line($"line {n}") with { Text = n == LogBook.Capacity ? new string('x', LogLine.TextMax + 1) : $"line {n}" });
        }

        var taken = book.Take(LogBook.Capacity + 10);
        Assert.StartsWith("5 lines", taken[0].Text, StringComparison.Ordinal);
        Assert.Equal("line 5", taken[1].Text);
        Assert.All(taken, line => Assert.InRange(line.Text.Length, 1, LogLine.TextMax));
        Assert.Empty(book.Take(10));
    }

    private static async Task<string> TextsAsync(LogStore store, LogQuery query) => string.Join(' ', (await store.FindAsync(query, 10, null, Cancel)).Lines.Select(l => l.Line.Text));

    private LogLine Line(string text) => new(_time.GetUtcNow(), LogLevel.Information, "Trunkline.Test", text);
}

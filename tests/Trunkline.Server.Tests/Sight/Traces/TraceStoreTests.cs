using System.Text;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Erasure;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight.Traces;

/// <summary>Kept traces: found again after a restart, bounded, each span once.</summary>
public sealed class TraceStoreTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-traces-").FullName;
    private readonly TraceQueue _queue = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private EmbeddedBroker _broker = null!;
    private TraceStore _store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = _folder, Time = _time }, Cancel);
        _store = new TraceStore(_broker, _queue, 64_000_000);
        await _store.OpenAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_trace_is_found_with_all_its_spans_after_a_restart()
    {
        var first = SampleSpans.Of("shop", "checkout");
        await KeepAsync(first, SampleSpans.Of("other", "x"));
        await KeepAsync(first with { Id = "00000000000000aa", Parent = first.Id, Name = "pay", Failed = true, Attributes = [new(SpanNames.Flow, "triage"), new(SpanNames.MessageId, "m1")] });
        await RestartAsync();
        var found = Assert.Single(_store.Find(t => t.Flows.Contains("triage") && t.Messages.Contains("m1"), 10));
        Assert.Equal((first.Trace, "checkout", 2, true), (found.Trace, found.Name, found.Spans, found.Failed));
        Assert.Equal(["checkout", "pay"], (await _store.ReadAsync(first.Trace, isAlone: true, Cancel)).Select(s => s.Name));
        Assert.Equal(2, _store.Find(_ => true, 10).Count);
    }

    [Fact]
    public async Task A_node_that_keeps_none_has_no_topic()
    {
        await _store.FlushAsync(Cancel);
        Assert.Empty(await _broker.ListTopicsAsync(Cancel));
        Assert.Empty(await _store.SinceAsync(DateTimeOffset.UnixEpoch, 10, Cancel));
    }

    [Fact]
    public async Task A_span_sent_twice_is_kept_once_and_a_trace_has_an_end()
    {
        var span = SampleSpans.Of("shop", "checkout");
        await KeepAsync(span, span);
        await KeepAsync(span);
        Assert.Single(await _store.ReadAsync(span.Trace, isAlone: true, Cancel));
        await KeepAsync([.. Enumerable.Range(0, TraceEntry.SpansMax + 10).Select(i => span with { Id = FormattableString.Invariant($"{i + 1:x16}") })]);
        await RestartAsync();
        Assert.Equal(TraceEntry.SpansMax, Assert.Single(_store.Find(_ => true, 10)).Spans);
    }

    [Fact]
    public async Task Linked_traces_are_read_together_in_both_directions()
    {
        var send = SampleSpans.Of("shop", "send");
        var take = SampleSpans.Of("post", "take") with { Links = [send.Ref] };
        await KeepAsync(take);
        await KeepAsync(send, SampleSpans.Of("other", "x"));
        foreach (var trace in new[] { send.Trace, take.Trace })
        {
            Assert.Equal(["send", "take"], (await _store.ReadAsync(trace, isAlone: false, Cancel)).Select(s => s.Name).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task What_retention_removes_is_forgotten()
    {
        var old = SampleSpans.Of("shop", "old");
        await KeepAsync(old);
        _time.Advance(TimeSpan.FromHours(49));
        await _broker.ApplyRetentionAsync(force: false, Cancel);
        var now = TraceTime.Of(_time.GetUtcNow());
        await KeepAsync(SampleSpans.Of("shop", "new") with { Start = now - 10, End = now });
        Assert.Equal("new", Assert.Single(_store.Find(_ => true, 10)).Name);
        Assert.Empty(await _store.ReadAsync(old.Trace, isAlone: true, Cancel));
    }

    [Fact]
    public async Task Traces_of_an_erased_message_go_and_those_of_others_stay()
    {
        var mine = SampleSpans.Of("shop", "mine") with { Attributes = [new(SpanNames.MessageId, "m1")] };
        var other = SampleSpans.Of("shop", "other") with { Attributes = [new(SpanNames.MessageId, "m2")] };
        await KeepAsync(mine, mine with { Id = "00000000000000aa", Attributes = [] }, other);
        var stored = Assert.Single(await _broker.ReadAsync(new ReadRequest(TraceStore.Topic, 0, 0, 10), Cancel));
        Assert.Null(_store.Without(stored, Named("m3")));
        var rewritten = _store.Without(stored, Named("m1"));
        await _broker.EraseAsync(TraceStore.Topic, [rewritten!], Cancel);
        Assert.Equal("other", Assert.Single(_store.Find(_ => true, 10)).Name);
        Assert.Equal("other", Assert.Single(await _store.SinceAsync(DateTimeOffset.UnixEpoch, 10, Cancel)).Name);
    }

    private static Trunkline.Server.Topics.ErasedNames Named(string id) => new ErasureSubject(ErasureKind.Id, Encoding.UTF8.GetBytes(id)).NamesOf(new ErasureFinds());

    [Fact]
    public void The_share_shrinks_under_load_and_grows_again_and_a_smaller_one_lies_within()
    {
        var share = new TraceShare(0.001);
        var before = share.Value;
        for (var i = 0; i < 400_000; i++)
        {
            share.Count(share.Of(ActivityTraceId.CreateRandom()) > 0 ? 1 : 0);
        }

        Assert.InRange(share.Value, 0.001, before / 2);
        var kept = Enumerable.Range(0, 20_000).Select(_ => ActivityTraceId.CreateRandom()).Where(t => share.Of(t) > 0).ToList();
        for (var i = 0; i < 20; i++)
        {
            share.Adapt();
        }

        Assert.Equal(1, share.Value);
        Assert.All(kept, trace => Assert.Equal(1, share.Of(trace)));
    }

    [Fact]
    public void A_full_queue_takes_nothing_more_until_it_is_emptied()
    {
        var span = SampleSpans.Of("a", "b");
        Assert.True(_queue.TryAdd([.. Enumerable.Repeat(span, TraceQueue.SpansMax)]));
        Assert.False(_queue.TryAdd([span]));
        using var own = new Activity("own");
        Assert.False(_queue.TryAdd(own));
        Assert.Equal(TraceQueue.SpansMax, _queue.Take().Count);
        Assert.True(_queue.TryAdd([span]));
    }

    private async Task KeepAsync(params TraceSpan[] spans)
    {
        Assert.True(_queue.TryAdd(spans));
        await _store.FlushAsync(Cancel);
    }

    private async Task RestartAsync()
    {
        _store.Dispose();
        await _broker.DisposeAsync();
        await InitializeAsync();
    }
}

using System.Text;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Effects;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Outcomes;

public sealed class OutcomeFormatTests
{
    private static readonly OutcomeOrigin Flow = new("", 7, TimeSpan.FromSeconds(30), [new OutcomeSink("out", false), new OutcomeSink("hook", true)]);
    private static readonly DateTimeOffset At = new(2026, 1, 31, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        var segment = new OutcomeSegment();
        segment.Add(Stored("m1", 10, "k", "acme"), Flow, Delivered(1, ["spam=mlnet@1"], 0, 1));
        segment.Add(Stored("m2", 11, null, "acme"), Flow, Delivered(3, ["spam=mlnet@1"], 0, 1) with { Degraded = true });
        segment.Add(Stored("ü\u20ac", 9, "", null), Flow, OutcomeNote.Of(OutcomeState.DeadLettered, 5, "step.expression-failed"));
        segment.Add(Stored(new string('é', 1024), 12, "k", null), Flow, OutcomeNote.Of(OutcomeState.Parked, 0, null));
        var rows = Read(segment);

        Assert.Equal(["m1", "m2", "ü\u20ac", new string('é', 1024)], rows.Select(Id));
        Assert.Equal([10, 11, 9, 12], rows.Select(row => row.Offset));
        Assert.Equal([At, At, At, At], rows.Select(row => DateTimeOffset.FromUnixTimeMilliseconds(row.AppendedAtMilliseconds)));
        Assert.Equal(["k", null, "", "k"], rows.Select(row => row.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null));
        Assert.Equal([1, 3, 5, 0], rows.Select(row => row.Attempts));
        Assert.Equal([false, true, false, false], rows.Select(row => row.Degraded));
        Assert.Equal([OutcomeState.Delivered, OutcomeState.Delivered, OutcomeState.DeadLettered, OutcomeState.Parked], rows.Select(row => row.State));
        Assert.Equal([null, null, "step.expression-failed", null], rows.Select(row => row.Cause));
        Assert.Equal(["acme", "acme", "", ""], rows.Select(row => row.Context.Tenant));
        Assert.Equal(["spam=mlnet@1"], rows[1].Context.Models);
        Assert.Equal([new OutcomeSink("out", false), new OutcomeSink("hook", true)], rows[1].Context.Sinks);
        Assert.All(rows, row => Assert.Equal((3, 7, 30_000L, "src"), (row.Partition, row.Context.Revision, row.Context.WithinMilliseconds, row.Context.Source)));
    }

    [Fact]
    public void What_neighbours_share_is_written_once()
    {
        var segment = new OutcomeSegment();
        segment.Add(Stored("0123456789abcdef0123456789abcdef", 0, "key-00001", "acme"), Flow, Delivered(1, ["spam=mlnet@1"], 0));
        var first = segment.Bytes.Length;
        segment.Add(Stored("0123456789abcdef0123456789abcdef", 1, "key-00001", "acme"), Flow, Delivered(1, ["spam=mlnet@1"], 0));
        Assert.Equal(3 + 1 + 32 + 1 + 9, segment.Bytes.Length - first);
    }

    [Fact]
    public void A_segment_used_again_says_what_is_shared_again()
    {
        var segment = new OutcomeSegment();
        segment.Add(Stored("m1", 0, "k", "acme"), Flow, Delivered(1, ["a=1"], 0));
        segment.Clear();
        Assert.True(segment.IsEmpty);
        segment.Add(Stored("m2", 1, "k", "acme"), Flow, Delivered(1, ["a=1"], 0));
        Assert.Equal(("acme", "a=1"), (Read(segment)[0].Context.Tenant, Read(segment)[0].Context.Models[0]));
    }

    [Fact]
    public void A_row_of_a_sink_names_where_its_message_was_made_from()
    {
        var sink = new OutcomeOrigin("hook", 7, TimeSpan.Zero, []);
        var segment = new OutcomeSegment();
        var headers = Headers.Of(new Header(HeaderNames.Position, "http:/a/b/2/41"));
        segment.Add(new StoredMessage(new Message { Id = new MessageId("r"), Headers = headers }, new Position(0, 5), At), sink, OutcomeNote.Of(OutcomeState.Delivered, 1, null));
        segment.Add(new StoredMessage(new Message { Id = new MessageId("r2") }, new Position(0, 6), At), sink, OutcomeNote.Of(OutcomeState.Delivered, 1, null));
        Assert.Equal([(2, 41L), (0, 6L)], Read(segment).Select(row => (row.Partition, row.Offset)));
    }

    [Fact]
    public void Every_cut_and_every_flip_is_read_whole_or_refused_and_never_thrown_out_of_bounds()
    {
        var segment = new OutcomeSegment();
        segment.Add(Stored("m1", 10, "k", "acme"), Flow, Delivered(2, ["spam=mlnet@1"], 0, 1));
        segment.Add(Stored("m2", 11, null, "acme"), Flow, OutcomeNote.Of(OutcomeState.Expired, 2, "flow.expired"));
        var payload = Payload(segment);
        for (var at = 0; at < payload.Length; at++)
        {
            Judge(payload.AsMemory(0, at));
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = payload.ToArray();
                flipped[at] ^= (byte)(1 << bit);
                Judge(flipped);
            }
        }
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var refused = Assert.Throws<BrokerException>(() => OutcomeReader.Read(new StoredMessage(OutcomeBatch.Of(new byte[] { 2, 0 }), new Position(0, 3), At)));
        Assert.Equal(BrokerErrorCode.StoreDamaged, refused.Code);
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_beyond_its_bound_becomes_several_messages()
    {
        var batch = new OutcomeBatch();
        for (var i = 0; i < 20; i++)
        {
            var segment = new OutcomeSegment();
            for (var row = 0; row < 16; row++)
            {
                segment.Add(Stored(new string('a', 1000) + row, row, null, null), Flow, Delivered(1, [], 0));
            }

            batch.Add(segment.Bytes);
        }

        var messages = batch.Messages().ToArray();
        Assert.Equal(2, messages.Length);
        Assert.All(messages, message => Assert.InRange(message.Payload.Length, 1, OutcomeBatch.BytesMax));
        Assert.Equal(320, messages.Sum(message => OutcomeReader.Read(new StoredMessage(message, default, At)).Count));
    }

    private static void Judge(ReadOnlyMemory<byte> payload)
    {
        try
        {
            OutcomeReader.Read(new StoredMessage(OutcomeBatch.Of(payload), default, At));
        }
        catch (BrokerException refused)
        {
            Assert.Equal(BrokerErrorCode.StoreDamaged, refused.Code);
        }
    }

    private static byte[] Payload(OutcomeSegment segment)
    {
        var batch = new OutcomeBatch();
        batch.Add(segment.Bytes);
        return Assert.Single(batch.Messages()).Payload.ToArray();
    }

    private static List<OutcomeRow> Read(OutcomeSegment segment) => OutcomeReader.Read(new StoredMessage(OutcomeBatch.Of(Payload(segment)), new Position(0, 0), At));

    private static string Id(OutcomeRow row) => Encoding.UTF8.GetString(row.Id.Span);

    private static StoredMessage Stored(string id, long offset, string? key, string? tenant) => new(
        new Message
        {
            Id = new MessageId(id),
            Source = "src",
            Key = key is null ? null : MessageKey.FromText(key),
            Headers = tenant is null ? Headers.Empty : Headers.Of(new Header(HeaderNames.Tenant, tenant)),
        },
        new Position(3, offset),
        At);

    private static OutcomeNote Delivered(int attempts, string[] models, params int[] sinks) => new(
        OutcomeState.Delivered,
        attempts,
        [.. sinks.Select(sink => new SinkOutput(sink, new Message()))],
        [.. models.Select(model => new RecordedEffect(EffectKind.Model, model, "k", default))]);
}

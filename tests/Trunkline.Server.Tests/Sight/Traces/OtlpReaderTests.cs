using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Trunkline.Server.Sight.Traces;
using Trunkline.Server.Tests.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.Traces;

/// <summary>Reading what others send: in both forms, within bounds, whatever the bytes are.</summary>
public sealed class OtlpReaderTests
{
    private const long Now = 1_800_000_000_000_000_000;

    [Fact]
    public void What_is_written_is_read_again()
    {
        var span = SampleSpans.Of("checkout", "charge") with
        {
            Parent = "00f067aa0ba902b7",
            Role = SpanRole.Consumer,
            Failed = true,
            Attributes = [new("messaging.destination.name", "orders"), new("n", "7")],
            Links = [new SpanRef("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b8")],
        };
        var read = Assert.Single(Read(OtlpWriter.Write([span])).Spans);
        Assert.Equal(span with { Attributes = [], Links = [] }, read with { Attributes = [], Links = [] });
        Assert.Equal(span.Attributes, read.Attributes);
        Assert.Equal(span.Links, read.Links);
    }

    [Fact]
    public void The_example_of_the_specification_is_read()
    {
        var example = TraceVectors.Read("otel/otlp-proto-examples-trace.json");
        var batch = new SpanBatch(1_544_712_700_000_000_000);
        OtlpJson.Spans(Encoding.UTF8.GetBytes(example.GetRawText()), batch);
        var span = Assert.Single(batch.Spans);
        Assert.Equal(("my.service", "I'm a server span", SpanRole.Server, "eee19b7ec3c1b173"), (span.Service, span.Name, span.Role, span.Parent));
        Assert.Equal((1_000_000_000L, "some value"), (span.End - span.Start, span["my.span.attr"]));
    }

    [Fact]
    public void Bytes_that_end_too_soon_or_are_none_are_told_and_nothing_else_happens()
    {
        BrokenBytes.AreReadOrTold(OtlpWriter.Write([SampleSpans.Of("a", "b"), SampleSpans.Of("c", "d")]).ToArray(), bytes => Read(bytes));
    }

    [Theory]
    [InlineData("startTimeUnixNano", "-5", "no beginning")]
    [InlineData("endTimeUnixNano", "1", "ends before it")]
    [InlineData("startTimeUnixNano", "1900000000000000000", "ends before it")]
    [InlineData("endTimeUnixNano", "1900000000000000000", "an hour ahead")]
    [InlineData("endTimeUnixNano", "99999999999999999999999", "no beginning")]
    [InlineData("traceId", "zz", "an id is not")]
    [InlineData("spanId", "0000000000000000", "an id is not")]
    [InlineData("parentSpanId", "12", "an id is not")]
    public void A_span_that_cannot_be_is_refused_and_said_why(string field, string value, string said)
    {
        var batch = new SpanBatch(Now);
        OtlpJson.Spans(Request(span => span[field] = value), batch);
        Assert.Empty(batch.Spans);
        Assert.Equal(1, batch.Refused);
        Assert.Contains(said, batch.Remark(), StringComparison.Ordinal);
    }

    [Fact]
    public void Old_spans_are_refused()
    {
        var batch = new SpanBatch(Now + SpanBatch.AgeMax + 60_000_000_000);
        OtlpJson.Spans(Request(_ => { }), batch);
        Assert.Contains("48 hours", batch.Remark(), StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_links_and_texts_are_bounded_and_what_is_left_out_is_counted()
    {
        var batch = new SpanBatch(Now);
        OtlpJson.Spans(
            Request(span =>
            {
                span["name"] = new string('n', 100_000);
                span["attributes"] = new JsonArray([.. Enumerable.Range(0, 100_000).Select(i => Attribute($"a{i}", new string('v', 10)))]);
                span["links"] = new JsonArray([.. Enumerable.Range(1, 1000).Select(i => new JsonObject { ["traceId"] = i.ToString("x32", CultureInfo.InvariantCulture), ["spanId"] = i.ToString("x16", CultureInfo.InvariantCulture) })]);
            }),
            batch);
        var span = Assert.Single(batch.Spans);
        Assert.Equal((SpanText.NameMax, SpanDraft.AttributesMax, SpanDraft.LinksMax), (span.Name.Length, span.Attributes.Count, span.Links.Count));
        Assert.Equal(100_000 - SpanDraft.AttributesMax + 1000 - SpanDraft.LinksMax, batch.LeftOut);
    }

    [Fact]
    public void A_request_of_too_many_spans_is_taken_in_part()
    {
        var batch = new SpanBatch(Now);
        OtlpReader.Spans(OtlpWriter.Write(Enumerable.Range(0, SpanBatch.SpansMax + 5).Select(_ => SampleSpans.Of("a", "b"))).Span, batch);
        Assert.Equal((SpanBatch.SpansMax, 5), (batch.Spans.Count, batch.Refused));
    }

    [Fact]
    public void Nesting_has_an_end()
    {
        var deep = new StringBuilder("{\"resourceSpans\":");
        deep.Append('[', 10_000).Append(']', 10_000).Append('}');
        Assert.Throws<InvalidDataException>(() => OtlpJson.Spans(Encoding.UTF8.GetBytes(deep.ToString()), new SpanBatch(Now)));

        byte[] value = [0x0a, 1, (byte)'x'];
        for (var i = 0; i < 2000; i++)
        {
            // ArrayValue { values: [value] } within AnyValue, once more.
            value = [.. Field(5, Field(1, value))];
        }

        var span = Field(9, [.. Field(1, "deep"u8), .. Field(2, value)]);
        var batch = new SpanBatch(Now);
        OtlpReader.Spans(Field(1, Field(2, Field(2, span))), batch);
        Assert.Equal(1, batch.Refused);
    }

    [Fact]
    public void Signs_that_steer_and_turn_text_are_taken_out()
    {
        var batch = new SpanBatch(Now);
        OtlpJson.Spans(Request(span => span["name"] = "\u001b[31m<b>pay\u202egnp.exe\u0000"), batch);
        Assert.Equal("\ufffd[31m<b>pay\ufffdgnp.exe\ufffd", Assert.Single(batch.Spans).Name);
    }

    [Fact]
    public void What_users_wrote_and_secrets_are_not_kept()
    {
        var batch = new SpanBatch(Now);
        OtlpJson.Spans(
            Request(span => span["attributes"] = new JsonArray(
                Attribute("gen_ai.prompt", "x"), Attribute("gen_ai.input.messages", "x"), Attribute("http.request.header.authorization", "x"), Attribute("url.full", "x"), Attribute("gen_ai.request.model", "small"))),
            batch);
        Assert.Equal(["gen_ai.request.model"], Assert.Single(batch.Spans).Attributes.Select(a => a.Key));
    }

    private static ReadOnlyMemory<byte> Request(Action<JsonObject> change)
    {
        var span = new JsonObject
        {
            ["traceId"] = "4BF92F3577B34DA6A3CE929D0E0E4736",
            ["spanId"] = "00f067aa0ba902b7",
            ["name"] = "x",
            ["startTimeUnixNano"] = (Now - 1000).ToString(CultureInfo.InvariantCulture),
            ["endTimeUnixNano"] = Now.ToString(CultureInfo.InvariantCulture),
        };
        change(span);
        var request = new JsonObject { ["resourceSpans"] = new JsonArray(new JsonObject { ["scopeSpans"] = new JsonArray(new JsonObject { ["spans"] = new JsonArray(span) }) }) };
        return Encoding.UTF8.GetBytes(request.ToJsonString());
    }

    private static JsonObject Attribute(string name, string value) => new() { ["key"] = name, ["value"] = new JsonObject { ["stringValue"] = value } };

    private static byte[] Field(int field, ReadOnlySpan<byte> value)
    {
        var bytes = new List<byte> { (byte)((field << 3) | 2) };
        for (var length = (uint)value.Length; ; length >>= 7)
        {
            bytes.Add((byte)(length >= 0x80 ? length | 0x80 : length));
            if (length < 0x80)
            {
                return [.. bytes, .. value];
            }
        }
    }

    private static SpanBatch Read(ReadOnlyMemory<byte> bytes)
    {
        var batch = new SpanBatch(Now);
        OtlpReader.Spans(bytes.Span, batch);
        return batch;
    }
}

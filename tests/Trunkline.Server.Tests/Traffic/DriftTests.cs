using System.Globalization;
using System.Text;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Fields;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>What drifts is told soon, and what does not is not.</summary>
public sealed class DriftTests
{
    private readonly Random _dice = new(4711);
    private readonly TopicTraffic _traffic = new();
    private int _sent;

    /// <summary>Something of each kind that may drift, with the noise of real messages: rare fields, skewed numbers, a clock, a map.</summary>
    private string Usual() => string.Create(CultureInfo.InvariantCulture, $$"""
        {"id":"{{Guid.NewGuid()}}","at":"{{DateTime.UnixEpoch.AddSeconds(_sent):O}}","sequence":{{_sent}},"channel":"{{Pick("mail", "chat", "voice")}}",
         "size":{{(int)Math.Exp(_dice.NextDouble() * 6)}},"score":{{_dice.NextDouble()}},"text":"{{new string('x', _dice.Next(1, 200))}}",
         "from":{"name":{{(_dice.NextDouble() < 0.3 ? "null" : "\"Ann\"")}},"email":"ann@example.com"},
         "headers":{"h{{_dice.Next(500)}}":"1"},"tags":["{{Pick("a", "b")}}","{{_dice.Next(1000)}}"]{{(_dice.NextDouble() < 0.01 ? ",\"rare\":true" : "")}}}
        """);

    [Theory]
    [InlineData("new-field", "priority", "\"channel\":", "\"priority\":1,\"channel\":")]
    [InlineData("retyped", "score", "\"score\":", "\"score\":\"high\",\"x\":")]
    [InlineData("reformatted", "at", "T", " at ")]
    [InlineData("new-value", "channel", "\"mail\"", "\"letter\"")]
    [InlineData("nulls", "from.name", "\"Ann\"", "null")]
    [InlineData("presence", "from.email", "\"email\":", "\"mail\":")]
    [InlineData("range", "size", "\"size\":", "\"size\":9")]
    public void Drift_is_told_within_a_thousand_messages_with_a_masked_example(string kind, string field, string usual, string changed)
    {
        Assert.Empty(Send(3000, Usual));
        var found = Send(1000, () => Usual().Replace(usual, changed, StringComparison.Ordinal));
        var alarm = found.First(one => one.Path == field);
        Assert.Equal(kind, TrafficDesk.Word(alarm.Kind));
        Assert.DoesNotContain("Ann", alarm.Example, StringComparison.Ordinal);
        Assert.DoesNotContain("letter", alarm.Was + alarm.Now + alarm.Example, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_messages_that_do_not_drift_raise_no_alarm() => Assert.Empty(Send(100_000, Usual));

    [Fact]
    public void What_the_schema_does_not_declare_is_told_from_the_first_window_on()
    {
        const string Schema = """{"type":"object","properties":{"id":{"type":"string"},"size":{"type":"integer"},"never":{"type":"string"},"free":{"type":"object"}}}""";
        var fields = SchemaFields.Of(new SchemaContent { Type = SchemaTypes.Json, Text = Schema }, []);
        var found = Send(200, () => _sent % 20 == 0 ? """{"id":"a","size":"7","more":{"x":1}}""" : """{"id":"a","size":7,"free":{"any":1}}""", fields);
        Assert.Equal(["undeclared more", "retyped size"], found.Select(one => $"{TrafficDesk.Word(one.Kind)} {one.Path}").Order().Reverse());
        Assert.Null(_traffic.Producers["/test"].NeverSeen());
        Send(1000, () => """{"id":"a","size":7}""", fields);
        Assert.Equal(["never"], _traffic.Producers["/test"].NeverSeen()!);
    }

    [Fact]
    public void Producers_are_told_apart_and_bounded()
    {
        for (var i = 0; i < 100; i++)
        {
            _traffic.Add(Message("{}", "/producer/" + i.ToString(CultureInfo.InvariantCulture)), "{}"u8.ToArray(), "", null);
        }

        Assert.Equal(TopicTraffic.ProducersMax + 1, _traffic.Producers.Count);
        Assert.Equal(100 - TopicTraffic.ProducersMax, _traffic.Producers[TopicTraffic.Others].Messages);
    }

    [Fact]
    public void Hostile_messages_cost_no_more_than_the_bounds()
    {
        Send(300, () => "{" + string.Join(",", Enumerable.Range(0, 60).Select(i => $$"""
            "f{{_dice.Next(100_000)}}":{"g{{_dice.Next(100_000)}}":[[[[{"h":{{i}}}]]]]}
            """)) + "}");
        Send(10, () => new string('[', 900) + new string(']', 900));
        Send(10, () => "not json");
        var profile = _traffic.Producers["/test"];
        Assert.InRange(profile.Root.All().Count(), 1, ProducerProfile.FieldsMax + 1);
        Assert.Equal(10, profile.Opaque);
    }

    [Fact]
    public void A_schema_is_proposed_in_every_format()
    {
        Send(1000, Usual);
        var seen = SeenField.Of(_traffic.Producers.Values)!;
        var json = SchemaProposal.Of(seen, "mail.received", "json");
        Assert.Contains("\"format\": \"uuid\"", json, StringComparison.Ordinal);
        Assert.Contains("\"voice\"", json, StringComparison.Ordinal);
        Assert.Contains("\"additionalProperties\": {", json, StringComparison.Ordinal);
        Assert.Empty(JsonSchemaFormat.Read(json, [], out _)!.Check(Encoding.UTF8.GetBytes(Usual())));
        var avro = SchemaProposal.Of(seen, "mail.received", "avro");
        Assert.NotNull(AvroFormat.Read(avro, [], out _));
        Assert.Contains("\"name\": \"MailReceived\"", avro, StringComparison.Ordinal);
        var proto = SchemaProposal.Of(seen, "mail.received", "protobuf");
        Assert.Empty(new ProtobufFormat().Check(proto, []));
        Assert.Contains("message MailReceived {", proto, StringComparison.Ordinal);
        Assert.Contains("repeated string tags", proto, StringComparison.Ordinal);
        Assert.Contains("map<string, string> headers", proto, StringComparison.Ordinal);
    }

    private string Pick(params string[] values) => values[_dice.Next(values.Length)];

    private List<DriftFinding> Send(int count, Func<string> make, SchemaFields? fields = null)
    {
        var found = new List<DriftFinding>();
        for (var i = 0; i < count; i++, _sent++)
        {
            var text = make();
            found.AddRange(_traffic.Add(Message(text, "/test"), Encoding.UTF8.GetBytes(text), "", fields).Findings);
        }

        return found;
    }

    private static Message Message(string text, string source) => new() { Source = source, ContentType = "application/json", Payload = Encoding.UTF8.GetBytes(text) };
}

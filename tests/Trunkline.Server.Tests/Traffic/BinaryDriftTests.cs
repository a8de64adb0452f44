using System.Text;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Server.Traffic;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>Drift in Avro and Protobuf as in JSON: the same changes of the same messages, told alike.</summary>
public sealed class BinaryDriftTests : IAsyncLifetime
{
    private const string Avro = """
        {"type":"record","name":"Mail","fields":[
          {"name":"id","type":"string"},{"name":"size","type":"long"},{"name":"channel","type":{"type":"enum","name":"Channel","symbols":["MAIL","CHAT"]}},
          {"name":"note","type":["null","string"]},{"name":"raw","type":"bytes"},{"name":"score","type":"double"}MORE]}
        """;

    private const string Proto = """
        syntax = "proto3";
        message Unused { }
        message Mail { string id = 1; int64 size = 2; Channel channel = 3; optional string note = 4; bytes raw = 5; double score = 6; MORE }
        enum Channel { MAIL = 0; CHAT = 1; }
        """;

    private readonly Random _dice = new(17);
    private readonly TopicTraffic _traffic = new();
    private readonly MemoryBroker _broker = new(TimeProvider.System);
    private SchemaRegistry _registry = null!;
    private MessageData _data = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await SchemaRegistry.OpenAsync(_broker, Cancel);
        _data = new MessageData(_registry);
    }

    public async ValueTask DisposeAsync()
    {
        _registry.Dispose();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData("AVRO", "range", "size")]
    [InlineData("PROTOBUF", "range", "size")]
    [InlineData("AVRO", "nulls", "note")]
    [InlineData("PROTOBUF", "presence", "note")]
    [InlineData("AVRO", "reformatted", "id")]
    [InlineData("PROTOBUF", "reformatted", "id")]
    [InlineData("AVRO", "new-field", "more")]
    [InlineData("PROTOBUF", "new-field", "more")]
    [InlineData("PROTOBUF", "new-value", "channel")]
    public async Task What_drifts_is_told_within_a_thousand_messages_and_nothing_before(string format, string kind, string field)
    {
        await RegisterAsync(format, "");
        Assert.Empty(Send(format, 3000, 1, new Mail(this)));
        var id = 1;
        if (kind == "new-field")
        {
            id = await RegisterAsync(format, format == "AVRO" ? ",{\"name\":\"more\",\"type\":\"string\",\"default\":\"\"}" : "string more = 7;");
        }

        var found = Send(format, 1000, id, new Mail(this) { Drift = kind });
        Assert.All(found, one => Assert.Equal((kind, field), (TrafficDesk.Word(one.Kind), one.Path)));
        Assert.NotEmpty(found);
        Assert.Equal(0, _traffic.Producers["/shop"].Opaque);
        var share = _traffic.Producers["/shop"].Versions.ToDictionary(one => one.Key, one => one.Value);
        Assert.Equal(kind == "new-field" ? new() { ["version 1"] = 3000, ["version 2"] = 1000 } : new() { ["version 1"] = 4000 }, share);
    }

    [Fact]
    public async Task A_payload_that_is_not_what_it_says_is_counted_as_opaque()
    {
        await RegisterAsync("PROTOBUF", "");
        _traffic.Add(new Message { Source = "/shop" }, _data.Read("mail", new Message { Payload = (byte[])[0, 0, 0, 0, 1, 2, 8, 0] }).Json, "", null);
        _traffic.Add(new Message { Source = "/shop" }, _data.Read("mail", new Message { Payload = (byte[])[0, 0, 0, 0, 1, 2, 2, 0x0A] }).Json, "", null);
        Assert.Equal(2, _traffic.Producers["/shop"].Opaque);
    }

    private async Task<int> RegisterAsync(string format, string more)
    {
        var text = (format == "AVRO" ? Avro : Proto).Replace("MORE", more, StringComparison.Ordinal);
        return (await _registry.RegisterAsync(SubjectName.Parse("mail"), new Registration(new SchemaContent { Type = format, Text = text }), Cancel)).Id;
    }

    private List<DriftFinding> Send(string format, int count, int id, Mail mail)
    {
        var found = new List<DriftFinding>();
        for (var i = 0; i < count; i++)
        {
            var body = format == "AVRO" ? mail.Avro() : mail.Proto();
            byte[] frame = format == "AVRO" ? [] : [2, 2];
            var message = new Message { Source = "/shop", Payload = (byte[])[0, 0, 0, 0, (byte)id, .. frame, .. body] };
            var read = _data.Read("mail", message);
            found.AddRange(_traffic.Add(message, read.Json, read.Version, read.Fields).Findings);
        }

        return found;
    }

    /// <summary>Writes mails; the same in both formats.</summary>
    private sealed class Mail(BinaryDriftTests test)
    {
        public string Drift { get; init; } = "";

        private string Id => Drift == "reformatted" ? "nr " + test._dice.Next(1000) : new Guid(Enumerable.Range(0, 16).Select(_ => (byte)test._dice.Next(256)).ToArray()).ToString();

        private long Size => (Drift == "range" ? 5000 : 0) + test._dice.Next(1000);

        private int Channel => Drift == "new-value" ? 7 : test._dice.Next(2);

        private bool HasNote => test._dice.NextDouble() < (Drift is "nulls" or "presence" ? 0.1 : 0.6);

        public byte[] Avro() =>
            [.. Text(Id), .. Varint(Size << 1), .. Varint(Channel << 1), .. HasNote ? [2, .. Text("note")] : (byte[])[0], 4, 1, 2, .. BitConverter.GetBytes(test._dice.NextDouble()), .. Drift == "new-field" ? Text("x") : []];

        public byte[] Proto() =>
        [
            0x0A, .. Sized(Id), 0x10, .. Varint(Size), 0x18, .. Varint(Channel), .. HasNote ? [0x22, .. Sized("note")] : (byte[])[], 0x2A, 2, 1, 2,
            0x31, .. BitConverter.GetBytes(test._dice.NextDouble()), .. Drift == "new-field" ? [0x3A, .. Sized("x")] : (byte[])[],
        ];

        private static byte[] Text(string text) => [.. Varint(text.Length << 1), .. Encoding.UTF8.GetBytes(text)];

        private static byte[] Sized(string text) => [.. Varint(text.Length), .. Encoding.UTF8.GetBytes(text)];

        private static byte[] Varint(long value)
        {
            var bytes = new List<byte>();
            for (; value > 127; value >>= 7)
            {
                bytes.Add((byte)((value & 127) | 128));
            }

            return [.. bytes, (byte)value];
        }
    }
}

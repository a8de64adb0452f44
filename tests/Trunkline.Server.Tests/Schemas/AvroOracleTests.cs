using Trunkline.Server.Schemas.Avro;
using Trunkline.Server.Schemas.Formats;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>Verdicts about drawn pairs of Avro schemas, held against data: what is called compatible is really read, by resolution, as a value of the reader's.</summary>
public sealed class AvroOracleTests
{
    [Fact]
    public void What_is_called_compatible_is_really_read_on_ten_thousand_drawn_pairs()
    {
        var random = new Random(20261126);
        var format = SchemaFormats.Get("AVRO");
        var (compatible, refused, unread) = (0, 0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var draw = new RandomAvro(random);
            var older = draw.Record();
            var (writer, reader) = (older.ToJsonString(), draw.Changed(older).ToJsonString());
            if (AvroFormat.Read(writer, [], out _) is not { } writes || AvroFormat.Read(reader, [], out _) is not { } reads)
            {
                Assert.NotEmpty(format.Check(reader, []));
                continue;
            }

            Assert.Empty(AvroResolution.Check(writes, writes));
            var faults = AvroResolution.Check(reads, writes);
            Assert.Equal(faults, format.Comparer(reader, [], writer, [])(true));
            Assert.Equal(faults, format.Comparer(writer, [], reader, [])(false));
            var transcoder = new AvroTranscoder(reads, writes);
            var lost = false;
            for (var j = 0; j < 4; j++)
            {
                var data = draw.Data(writes);
                Assert.Null(AvroWalk.Check(writes, data));
                var read = transcoder.Convert(data, out var problem);
                lost |= read is null;
                Assert.True(faults.Count > 0 || (read is not null && AvroWalk.Check(reads, read) is null), $"{writer}\n{reader}\n{Convert.ToHexString(data)}: {problem}");
            }

            compatible += faults.Count == 0 ? 1 : 0;
            refused += faults.Count > 0 ? 1 : 0;
            unread += faults.Count > 0 && lost ? 1 : 0;
        }

        Assert.True(compatible > 2_000 && refused > 2_000 && unread > 1_000, $"{compatible} compatible, {refused} refused, of {unread} of these data was lost: the search looks at too little");
    }
}

using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Server.Sight.Figures;
using Trunkline.Server.Sight.Map.Neighbours;
using Trunkline.Server.Sight.Metrics;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Tests.Sight;

/// <summary>What services measured of their requests: counted once, whatever they tell how often.</summary>
public sealed class ServiceMetersTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly HopFigures _figures;
    private readonly ServiceMeters _meters;

    public ServiceMetersTests()
    {
        var time = new FakeTimeProvider(Now);
        _figures = new HopFigures(time);
        _meters = new ServiceMeters(_figures, time);
    }

    public void Dispose() => _figures.Dispose();

    [Fact]
    public void Counts_from_a_start_on_are_held_against_the_point_before()
    {
        foreach (var counts in new long[][] { [2, 1], [2, 1], [5, 1] })
        {
            _meters.Add([Point(counts)]);
        }

        Assert.Equal(6, Count());

        // The service began anew; its first words count.
        _meters.Add([Point([1, 0]) with { Start = At(TimeSpan.FromSeconds(-1)) }]);
        Assert.Equal(7, Count());
    }

    [Fact]
    public void Deltas_count_as_they_come_and_what_a_service_counted_before_it_was_known_does_not()
    {
        _meters.Add([Point([2, 1]) with { IsDelta = true, Series = 7 }, Point([2, 1]) with { IsDelta = true, Series = 7 }]);
        Assert.Equal(6, Count());
        var old = Point([100_000, 0]) with { Series = 8, Start = At(TimeSpan.FromDays(-3)) };
        _meters.Add([old, old with { Counts = [100_002, 0] }]);
        Assert.Equal(8, Count());
    }

    [Fact]
    public void Services_beyond_the_bound_are_one()
    {
        _meters.Add(Enumerable.Range(0, ServiceMeters.ServicesMax + 50).Select(n => Point([1, 0]) with { Service = $"s{n}", Series = (UInt128)n }));
        Assert.Equal(ServiceMeters.ServicesMax + 1, ServiceRequests.Of(_figures).Count);
        Assert.Equal(50, ServiceRequests.Of(_figures)[ServiceNodes.Rest].Count);
    }

    [Fact]
    public void Protobuf_and_json_say_the_same_and_points_that_cannot_be_are_refused()
    {
        var (protobuf, json) = (new MetricBatch(), new MetricBatch());
        OtlpMetrics.Read(Protobuf(), protobuf);
        OtlpMetricsJson.Read(Json("\"ms\"", "[\"3\",1]", "[200]"), json);
        foreach (var point in new[] { Assert.Single(protobuf.Points), Assert.Single(json.Points) })
        {
            Assert.Equal(("shop", "http", true, false, 5UL), (point.Service, point.Kind, point.IsFailed, point.IsDelta, point.Start));
            Assert.Equal([0.2], point.Bounds);
            Assert.Equal([3L, 1L], point.Counts);
        }

        foreach (var (counts, bounds) in new[] { ("[1]", "[1]"), ("[1,2,3]", "[2,1]"), ("[-1,2]", "[1]"), ("[\"x\",2]", "[1]"), ("[1,2]", "[\"NaN\"]"), ("[1,9999999999]", "[1]") })
        {
            var batch = new MetricBatch();
            OtlpMetricsJson.Read(Json("\"s\"", counts, bounds), batch);
            Assert.True(batch.Points.Count == 0 && batch.Refused == 1, counts + bounds);
            Assert.Contains("1 points refused", batch.Remark(), StringComparison.Ordinal);
        }

        var other = new MetricBatch();
        OtlpMetricsJson.Read(Json("\"By\"", "[1,2]", "[1]"), other);
        Assert.Equal((0, 1L), (other.Points.Count, other.Unknown));
    }

    [Fact]
    public void Bytes_that_are_none_are_told_and_nothing_else_happens() =>
        BrokenBytes.AreReadOrTold(Protobuf(), bytes => OtlpMetrics.Read(bytes, new MetricBatch()));

    private long Count() => ServiceRequests.Of(_figures).Values.Sum(s => s.Count);

    private static MetricPoint Point(long[] counts) => new("shop", 1, "http", false) { Start = At(TimeSpan.FromMinutes(-1)), Bounds = [0.2], Counts = counts };

    private static ulong At(TimeSpan ago) => (ulong)TraceTime.Of(Now + ago);

    private static ReadOnlyMemory<byte> Json(string unit, string counts, string bounds) => Encoding.UTF8.GetBytes($$$"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{"metrics":[
        {"name":"http.server.duration","unit":{{{unit}}},"histogram":{"aggregationTemporality":2,"dataPoints":[
        {"attributes":[{"key":"error.type","value":{"stringValue":"500"}}],"startTimeUnixNano":"5","bucketCounts":{{{counts}}},"explicitBounds":{{{bounds}}}}]}}]}]}]}
        """);

    private static byte[] Protobuf()
    {
        byte[] point = [.. Part(9, [.. Part(1, "error.type"u8), .. Part(2, Part(1, "500"u8))]), 0x11, .. Long(5), .. Part(6, [.. Long(3), .. Long(1)]), .. Part(7, BitConverter.GetBytes(200.0))];
        byte[] metric = [.. Part(9, [.. Part(1, point), 0x10, 2]), .. Part(1, "http.server.duration"u8), .. Part(3, "ms"u8)];
        return Part(1, [.. Part(2, Part(2, metric)), .. Part(1, Part(1, [.. Part(1, "service.name"u8), .. Part(2, Part(1, "shop"u8))]))]);
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    // Lengths take two bytes from 128 on.
    private static byte[] Part(int field, ReadOnlySpan<byte> value) =>
        [(byte)((field << 3) | 2), .. value.Length < 128 ? [(byte)value.Length] : new[] { (byte)((value.Length & 0x7f) | 0x80), (byte)(value.Length >> 7) }, .. value];
}

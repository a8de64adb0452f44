using System.Buffers.Binary;
using System.IO.Hashing;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Metrics;

/// <summary>Reads metrics of other services from requests of OTLP in Protobuf.</summary>
internal static class OtlpMetrics
{
    private const int Delta = 1;

    /// <summary>Reads a request.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such request.</exception>
    public static void Read(ReadOnlySpan<byte> request, MetricBatch batch)
    {
        for (var all = new OtlpCursor(request); all.Next(out var field);)
        {
            if (field != 1)
            {
                all.Skip();
                continue;
            }

            var of = all.Bytes();
            var from = OtlpResource.Of(of);
            var process = XxHash128.HashToUInt128(ResourceBytes(of));
            for (var scopes = new OtlpCursor(of); scopes.Next(out var part);)
            {
                if (part != 2)
                {
                    scopes.Skip();
                    continue;
                }

                for (var metrics = new OtlpCursor(scopes.Bytes()); metrics.Next(out var item);)
                {
                    if (item == 2)
                    {
                        OfMetric(metrics.Bytes(), from, process, batch);
                    }
                    else
                    {
                        metrics.Skip();
                    }
                }
            }
        }
    }

    /// <summary>The attributes of who sends, as they are: two processes of one service differ in them.</summary>
    private static ReadOnlySpan<byte> ResourceBytes(ReadOnlySpan<byte> of)
    {
        ReadOnlySpan<byte> resource = default;
        for (var parts = new OtlpCursor(of); parts.Next(out var part);)
        {
            if (part == 1)
            {
                resource = parts.Bytes();
            }
            else
            {
                parts.Skip();
            }
        }

        return resource;
    }

    private static void OfMetric(ReadOnlySpan<byte> metric, OtlpResource from, UInt128 process, MetricBatch batch)
    {
        var (name, unit) = ("", "");
        ReadOnlySpan<byte> histogram = default;
        var isHistogram = false;
        for (var fields = new OtlpCursor(metric); fields.Next(out var field);)
        {
            switch (field)
            {
                case 1:
                    name = SpanText.Clean(OtlpValue.Text(fields.Bytes()), SpanText.NameMax);
                    break;
                case 3:
                    unit = OtlpValue.Text(fields.Bytes());
                    break;
                case 9:
                    histogram = fields.Bytes();
                    isHistogram = true;
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        if (!isHistogram || KnownMetrics.KindOf(name) is not { } kind || KnownMetrics.SecondsOf(unit) is not { } seconds)
        {
            batch.Skip(name);
            return;
        }

        batch.Known++;
        var isDelta = false;
        for (var fields = new OtlpCursor(histogram); fields.Next(out var field);)
        {
            if (field == 2)
            {
                isDelta = fields.Number() == Delta;
            }
            else
            {
                fields.Skip();
            }
        }

        for (var fields = new OtlpCursor(histogram); fields.Next(out var field);)
        {
            if (field == 1)
            {
                OfPoint(fields.Bytes(), new MetricPoint(from.Service, process ^ XxHash128.HashToUInt128(System.Text.Encoding.UTF8.GetBytes(name)), kind, false) { IsDelta = isDelta }, seconds, batch);
            }
            else
            {
                fields.Skip();
            }
        }
    }

    private static void OfPoint(ReadOnlySpan<byte> bytes, MetricPoint point, double seconds, MetricBatch batch)
    {
        double[] bounds = [];
        long[] counts = [];
        for (var fields = new OtlpCursor(bytes); fields.Next(out var field);)
        {
            switch (field)
            {
                case 2:
                    point = point with { Start = fields.Number() };
                    break;
                case 6:
                    counts = Longs(fields.Bytes());
                    break;
                case 7:
                    bounds = [.. Longs(fields.Bytes()).Select(BitConverter.Int64BitsToDouble)];
                    break;
                case 9:
                    var attribute = fields.Bytes();
                    var (name, value) = OtlpValue.Pair(attribute);

                    // The order of attributes is free.
                    point = point with { Series = point.Series + XxHash128.HashToUInt128(attribute), IsFailed = point.IsFailed || KnownMetrics.IsFailure(name, value) };
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        batch.Add(point with { Bounds = [.. bounds.Select(b => b * seconds)], Counts = counts });
    }

    private static long[] Longs(ReadOnlySpan<byte> packed)
    {
        if (packed.Length % 8 != 0 || packed.Length > 8 * (MetricBatch.BucketsMax + 1))
        {
            throw new InvalidDataException($"a list of buckets has more than {MetricBatch.BucketsMax}, or ends within one");
        }

        var values = new long[packed.Length / 8];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(packed[(8 * i)..]);
        }

        return values;
    }
}

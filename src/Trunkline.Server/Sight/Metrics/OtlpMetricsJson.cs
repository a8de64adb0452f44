using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Server.Sight.Metrics;

/// <summary>Reads metrics of other services from requests of OTLP in JSON.</summary>
internal static class OtlpMetricsJson
{
    /// <summary>Reads a request.</summary>
    /// <exception cref="InvalidDataException">It is no such request.</exception>
    public static void Read(ReadOnlyMemory<byte> request, MetricBatch batch)
    {
        using var document = OtlpJson.Parse(request);
        foreach (var of in OtlpJson.List(document.RootElement, "resourceMetrics"))
        {
            var from = OtlpJson.ResourceOf(of);
            var process = HashOf(OtlpJson.Part(of, "resource")?.GetRawText() ?? "");
            foreach (var metric in OtlpJson.List(of, "scopeMetrics").SelectMany(scope => OtlpJson.List(scope, "metrics")))
            {
                var name = SpanText.Clean(OtlpJson.Text(metric, "name") ?? "", SpanText.NameMax);
                if (OtlpJson.Part(metric, "histogram") is not { } histogram || KnownMetrics.KindOf(name) is not { } kind || KnownMetrics.SecondsOf(OtlpJson.Text(metric, "unit") ?? "") is not { } seconds)
                {
                    batch.Skip(name);
                    continue;
                }

                batch.Known++;
                var isDelta = OtlpJson.Number(histogram, "aggregationTemporality") == 1 || OtlpJson.Text(histogram, "aggregationTemporality") == "AGGREGATION_TEMPORALITY_DELTA";
                foreach (var point in OtlpJson.List(histogram, "dataPoints"))
                {
                    batch.Add(PointOf(point, new MetricPoint(from.Service, process ^ HashOf(name), kind, false) { IsDelta = isDelta }, seconds));
                }
            }
        }
    }

    private static MetricPoint PointOf(JsonElement point, MetricPoint of, double seconds)
    {
        foreach (var attribute in OtlpJson.List(point, "attributes"))
        {
            of = of with { Series = of.Series + HashOf(attribute.GetRawText()) };
        }

        return of with
        {
            IsFailed = OtlpJson.Attributes(point).Any(a => KnownMetrics.IsFailure(a.Name, a.Value)),
            Start = OtlpJson.Number(point, "startTimeUnixNano"),
            Bounds = [.. Numbers(point, "explicitBounds").Select(b => b * seconds)],
            Counts = [.. Numbers(point, "bucketCounts").Select(c => c is >= 0 and <= int.MaxValue ? (long)c : -1)],
        };
    }

    /// <summary>Numbers of a list, which may be texts; one that is none is none of the numbers there can be.</summary>
    private static IEnumerable<double> Numbers(JsonElement of, string name) => !of.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array ? [] :
        list.EnumerateArray().Take(MetricBatch.BucketsMax + 1).Select(value => value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => double.NaN,
        });

    private static UInt128 HashOf(string text) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(text));
}

using System.Text.Json;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Tests.Sight.CriticalPaths;

/// <summary>Traces of other tools, with their answers; not kept here.</summary>
internal static class TraceVectors
{
    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "vectors", "traces"));

    /// <summary>A file of theirs; skips the test where there is none.</summary>
    public static JsonElement Read(string path)
    {
        var file = Path.Combine(Folder, path);
        Assert.SkipUnless(File.Exists(file), $"The vectors are not at {Folder}.");
        return JsonDocument.Parse(File.ReadAllText(file)).RootElement;
    }

    /// <summary>Spans in Jaeger's JSON.</summary>
    public static List<PathSpan> Spans(JsonElement trace)
    {
        var services = trace.GetProperty("processes").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetProperty("serviceName").GetString());
        return [.. trace.GetProperty("spans").EnumerateArray().Select(span => new PathSpan(
            span.GetProperty("spanID").GetString()!,
            span.TryGetProperty("references", out var references) && references.ValueKind == JsonValueKind.Array
                ? references.EnumerateArray().Select(r => r.GetProperty("spanID").GetString()).FirstOrDefault()
                : null,
            $"[{services[span.GetProperty("processID").GetString()!]}] {span.GetProperty("operationName").GetString()}",
            span.GetProperty("startTime").GetInt64(),
            span.GetProperty("startTime").GetInt64() + span.GetProperty("duration").GetInt64())
        {
            IsProducer = Kind(span) == "producer",
            IsConsumer = Kind(span) == "consumer",
        })];
    }

    /// <summary>Sums of sections, without those of nothing.</summary>
    public static Dictionary<string, long> Sums(IEnumerable<PathSection> sections, Func<PathSection, string> key) =>
        sections.GroupBy(key).ToDictionary(g => g.Key, g => g.Sum(s => s.Length));

    /// <summary>An object of numbers, without zeros.</summary>
    public static Dictionary<string, long> Numbers(JsonElement values) =>
        values.EnumerateObject().Where(v => v.Value.GetDouble() != 0).ToDictionary(v => v.Name, v => (long)v.Value.GetDouble());

    private static string? Kind(JsonElement span) => span.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
        ? tags.EnumerateArray().Where(t => t.GetProperty("key").GetString() == "span.kind").Select(t => t.GetProperty("value").GetString()).FirstOrDefault()
        : null;
}

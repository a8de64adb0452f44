using System.Text.Json;
using Trunkline.Server.Pacts.Matching;
using Trunkline.Server.Tests.Schemas;

namespace Trunkline.Server.Tests.Pacts;

/// <summary>The cases of Pact's own specification, versions 1 to 4: requests, answers and messages that match, or do not.</summary>
public sealed class PactVectorTests
{
    [Theory]
    [InlineData("v1", 1, 76)]
    [InlineData("v1.1", 2, 97)]
    [InlineData("v2", 2, 178)]
    [InlineData("v3", 3, 226)]
    [InlineData("v4", 4, 226)]
    public void Every_case_of_the_specification_is_judged_as_it_says(string folder, int version, int count)
    {
        var root = Vectors.Folder($"pact-specification/{folder}");
        var files = Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(count, files.Count);
        Assert.Equal([], files.Select(file => Wrong(root, file, version)).OfType<string>());
    }

    private static string? Wrong(string root, string file, int version)
    {
        using var parsed = JsonDocument.Parse(File.ReadAllText(file));
        var (expected, actual) = (parsed.RootElement.GetProperty("expected"), parsed.RootElement.GetProperty("actual"));
        var found = Path.GetRelativePath(root, file).Split('/')[1] switch
        {
            "request" => Request(expected, actual, version),
            "response" => Response(expected, actual, version),
            _ => Message(expected, actual, version),
        };
        return found.Count == 0 == parsed.RootElement.GetProperty("match").GetBoolean() ? null : $"{Path.GetRelativePath(root, file)}: {string.Join("; ", found)}";
    }

    private static IReadOnlyList<PactMismatch> Request(JsonElement expected, JsonElement actual, int version)
    {
        var came = PactMessage.Read(actual, version);
        return PactHttp.Request(PactMessage.Read(expected, version), came, came.Body.Bytes(), version);
    }

    private static IReadOnlyList<PactMismatch> Response(JsonElement expected, JsonElement actual, int version)
    {
        var came = PactMessage.Read(actual, version);
        return PactHttp.Response(PactMessage.Read(expected, version), came.Status, came.Headers, came.Body.Bytes());
    }

    private static IReadOnlyList<PactMismatch> Message(JsonElement expected, JsonElement actual, int version)
    {
        var came = PactEvent.Read(actual, version);
        return PactEvent.Read(expected, version).Compare(came.Content.Bytes(), came.Content.ContentType, came.Metadata);
    }
}

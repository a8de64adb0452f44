using System.Text;
using System.Text.Json;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>The public JSON-Schema-Test-Suite: every required test of five drafts.</summary>
public sealed class JsonSchemaSuiteTests
{
    [Theory]
    [InlineData("draft4", Draft.Four, 618)]
    [InlineData("draft6", Draft.Six, 839)]
    [InlineData("draft7", Draft.Seven, 927)]
    [InlineData("draft2019-09", Draft.Y2019, 1259)]
    [InlineData("draft2020-12", Draft.Y2020, 1299)]
    internal void Every_required_test_passes(string folder, Draft draft, int count)
    {
        var (passed, failures) = Run(folder, "", draft, assertFormats: false);
        Assert.Empty(failures);
        Assert.Equal(count, passed);
    }

    /// <summary>The numbers stand in docs/reference/json-schema.md.</summary>
    [Theory]
    [InlineData("draft4", Draft.Four, 2)]
    [InlineData("draft6", Draft.Six, 16)]
    [InlineData("draft7", Draft.Seven, 94)]
    [InlineData("draft2019-09", Draft.Y2019, 94)]
    [InlineData("draft2020-12", Draft.Y2020, 94)]
    internal void Formats_fail_no_more_optional_tests_than_the_page_says(string folder, Draft draft, int told)
    {
        var (_, failures) = Run(folder, "optional/format", draft, assertFormats: true);
        Assert.True(failures.Count <= told, string.Join('\n', failures));
    }

    private static (int Passed, List<string> Failures) Run(string folder, string below, Draft draft, bool assertFormats)
    {
        var root = Vectors.Folder("json-schema-test-suite");
        var options = new JsonSchemaOptions { Default = draft, AssertFormats = assertFormats, References = Remotes(root) };
        var passed = 0;
        var failures = new List<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(root, "tests", folder, below), "*.json"))
        {
            using var groups = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var group in groups.RootElement.EnumerateArray())
            {
                var schema = JsonSchema.Read(Bytes(group.GetProperty("schema")), options, out var faults);
                foreach (var test in group.GetProperty("tests").EnumerateArray())
                {
                    var fits = schema?.Check(Bytes(test.GetProperty("data"))).Count == 0;
                    if (schema is not null && fits == test.GetProperty("valid").GetBoolean())
                    {
                        passed++;
                        continue;
                    }

                    failures.Add($"{Path.GetFileName(file)}: {group.GetProperty("description")}: {test.GetProperty("description")} {string.Join("; ", faults)}");
                }
            }
        }

        return (passed, failures);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Remotes(string root)
    {
        var folder = Path.Combine(root, "remotes");
        return Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).ToDictionary(
            file => "http://localhost:1234/" + Path.GetRelativePath(folder, file),
            file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file));
    }

    private static byte[] Bytes(JsonElement element) => Encoding.UTF8.GetBytes(element.GetRawText());
}

using System.Text.Json;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Tests.Inference;

public sealed class PatternTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-patterns-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("""{"properties":{"a":{"pattern":"^(x+)+$"}}}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"pattern":"^(x+)+$"}}}""")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2020-12/schema","allOf":[{"properties":{"a":{"pattern":"^(x+)+$"}}}]}""")]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2019-09/schema","propertyNames":{"pattern":"^(x+)+$"}}""")]
    [InlineData("""{"patternProperties":{"^(x+)+$":{"type":"string"}}}""")]
    public void A_pattern_that_would_run_for_years_ends_after_a_second_and_the_answer_does_not_fit(string schema)
    {
        var evil = new string('x', 40) + "!";
        var began = TimeProvider.System.GetTimestamp();
        var loaded = Load(schema);
        Assert.Null(loaded.Check(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [evil] = "v", ["a"] = evil }), out var problem));
        Assert.Contains("pattern", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("xx", problem, StringComparison.Ordinal);

        // A hang would be found by the runner; this only says that a second is not an hour.
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData("""{"a":"xxx"}""", true)]
    [InlineData("""{"a":"xyx"}""", false)]
    public void Patterns_work_as_before(string answer, bool fits) => Assert.Equal(
        fits, Load("""{"properties":{"a":{"pattern":"^(x+)+$"}},"patternProperties":{"^b":false}}""").Check(System.Text.Encoding.UTF8.GetBytes(answer), out _) is not null);

    private AnswerSchema Load(string schema)
    {
        var path = Path.Combine(_folder, "schema.json");
        File.WriteAllText(path, schema);
        return AnswerSchema.Load("model", path, inText: false);
    }
}

using System.Text.Json;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Tests.Inference;

/// <summary>Patterns of answer schemas meet what models, and so strangers, write.</summary>
public sealed class PatternTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-patterns-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("^(x+)+$")]
    [InlineData("^(?=(x+)+$)")]
    [InlineData("^(x+)+\\\\1$")]
    public void A_pattern_that_could_run_for_years_ends_soon_and_the_answer_does_not_fit(string pattern)
    {
        var evil = new string('x', 40) + "!";
        var schema = Load($"{{\"properties\":{{\"a\":{{\"pattern\":\"{pattern}\"}}}}}}");
        Assert.Null(schema.Check(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["a"] = evil }), out var problem));
        Assert.Contains("pattern", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("xxxx", problem, StringComparison.Ordinal);
    }

    private AnswerSchema Load(string schema)
    {
        var path = Path.Combine(_folder, "schema.json");
        File.WriteAllText(path, schema);
        return AnswerSchema.Load("model", path, inText: false);
    }
}

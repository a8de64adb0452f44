using System.Text;
using Trunkline.Server.Schemas;
using Trunkline.Server.Schemas.Formats;
using Trunkline.Server.Schemas.Json;
using Trunkline.Server.Schemas.Json.Compatibility;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>
/// Verdicts about drawn pairs of schemas, held against documents: what is called compatible is really read, and of what is refused a document
/// is told that shows why. A pair that is refused without one may be refused wrongly: there may be one in a hundred.
/// </summary>
[Trait("speed", "slow")]
public sealed class JsonCompatibilityOracleTests
{
    private const int Pairs = 10_000;
    private const int Documents = 40;
    private const string Example = "; the writer may write ";

    private static readonly JsonSchemaOptions[] s_drafts = [.. Enum.GetValues<Draft>().Select(draft => new JsonSchemaOptions { Default = draft })];

    private readonly ISchemaFormat _format = SchemaFormats.Get("JSON");
    private int _compatible;
    private int _shown;
    private int _unshown;

    [Fact]
    public void What_is_compatible_is_read_and_what_is_refused_is_shown_on_ten_thousand_drawn_pairs()
    {
        for (var seed = 0; _compatible + _shown + _unshown < Pairs; seed++)
        {
            var random = new RandomSchemas(seed);
            var writer = random.Schema();
            var reader = seed % 3 == 0 ? random.Schema() : random.Changed(writer);
            var options = s_drafts[seed % s_drafts.Length];
            var (writes, reads) = (Read(writer.ToJsonString(), options), Read(reader.ToJsonString(), options));
            if (writes is not null && reads is not null)
            {
                Judge(random, options, (writer.ToJsonString(), writes), (reader.ToJsonString(), reads), seed);
            }
        }

        Assert.True(_compatible > Pairs / 4 && _shown > Pairs / 4, $"{_compatible} compatible, {_shown} refused: one of them is hardly looked at");
        Assert.True(_unshown * 100 <= Pairs, $"{_unshown} of {Pairs} pairs are refused without a document that shows why");
    }

    private void Judge(RandomSchemas random, JsonSchemaOptions options, (string Text, JsonSchema Schema) writer, (string Text, JsonSchema Schema) reader, int seed)
    {
        var faults = JsonSchemaDiff.Check(reader.Text, options, writer.Text, options);
        Assert.Empty(JsonSchemaDiff.Check(writer.Text + " ", options, writer.Text, options));
        if (options.Default == Draft.Seven)
        {
            // The draft of the registry, where the other way round is the same question.
            Assert.Equal(faults, _format.Comparer(reader.Text, [], writer.Text, [])(true));
            Assert.Equal(faults, _format.Comparer(writer.Text, [], reader.Text, [])(false));
        }

        if (faults.Count == 0)
        {
            _compatible++;
            for (var i = 0; i < Documents; i++)
            {
                var document = Encoding.UTF8.GetBytes(random.Document()?.ToJsonString() ?? "null");
                Assert.False(IsLost(document, writer.Schema, reader.Schema), $"seed {seed}: {writer.Text} writes {Encoding.UTF8.GetString(document)}, {reader.Text} does not read it");
            }
        }
        else if (ExampleOf(faults) is { } example)
        {
            _shown++;
            Assert.True(IsLost(Encoding.UTF8.GetBytes(example), writer.Schema, reader.Schema), $"seed {seed}: {example} is said to be written by {writer.Text} and not to be read by {reader.Text}");
        }
        else
        {
            _unshown++;
        }
    }

    private static bool IsLost(byte[] document, JsonSchema writer, JsonSchema reader) => writer.Check(document).Count == 0 && reader.Check(document).Count > 0;

    private static string? ExampleOf(IReadOnlyList<Incompatibility> faults) =>
        faults[0].Message.IndexOf(Example, StringComparison.Ordinal) is >= 0 and var at ? faults[0].Message[(at + Example.Length)..] : null;

    private static JsonSchema? Read(string text, JsonSchemaOptions options) => JsonSchema.Read(Encoding.UTF8.GetBytes(text), options, out _);
}

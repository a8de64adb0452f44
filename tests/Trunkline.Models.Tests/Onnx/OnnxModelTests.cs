namespace Trunkline.Models.Tests.Onnx;

public sealed class OnnxModelTests : IDisposable
{
    // Ids by line: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, good 5, bad 6, the pieces of [SEP] as plain text from 7 on.
    private const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nbad\n[\nsep\n]\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_classifier_tells_label_probability_and_scores()
    {
        await using var model = Create(OnnxFile.Classifier([1, -1], [0, 21]), ["many", "few"]);

        // [CLS] good [SEP] = 10: 10 against 11. [CLS] good bad [SEP] = 16: 16 against 5.
        var few = await Ask.AboutAsync(model, "good");
        Assert.Equal("few", few.GetProperty("label").GetString());
        Assert.Equal(1 / (1 + Math.Exp(-1)), few.GetProperty("probability").GetDouble(), 6);
        var many = await Ask.AboutAsync(model, "Good BAD");
        Assert.Equal("many", many.GetProperty("label").GetString());
        Assert.Equal(1, many.GetProperty("scores").EnumerateObject().Sum(s => s.Value.GetDouble()), 6);
        Assert.StartsWith("onnx@", model.Version, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_imitates_control_tokens_is_read_as_text()
    {
        await using var model = Create(OnnxFile.Classifier([1, 0], [0, 0]), []);
        var sum = (await Ask.AboutAsync(model, "[SEP]")).GetProperty("values")[0].GetDouble();

        // [CLS] [ sep ] [SEP] = 2 + 7 + 8 + 9 + 3; as a control token it would be 2 + 3 + 3.
        Assert.Equal(29, sum, 3);
    }

    [Fact]
    public async Task A_text_longer_than_the_window_is_cut_and_ends_as_the_model_expects()
    {
        await using var model = Create(OnnxFile.Classifier([1, 0], [0, 0]), []);
        var sum = (await Ask.AboutAsync(model, string.Concat(Enumerable.Repeat("bad ", 5_000)))).GetProperty("values")[0].GetDouble();

        Assert.Equal(2 + (510 * 6) + 3, sum, 3);
    }

    [Fact]
    public async Task Texts_at_once_do_not_disturb_each_other()
    {
        await using var model = Create(OnnxFile.Classifier([1, 0], [0, 0]), []);
        var sums = await Task.WhenAll(Enumerable.Range(1, 50).Select(async i =>
            (await Ask.AboutAsync(model, string.Concat(Enumerable.Repeat("good ", i)))).GetProperty("values")[0].GetDouble()));

        Assert.Equal(Enumerable.Range(1, 50).Select(i => 5.0 + (5 * i)), sums);
    }

    [Theory]
    [InlineData("classes")]
    [InlineData("damaged")]
    [InlineData("input")]
    [InlineData("missing")]
    [InlineData("vocabulary")]
    public void What_cannot_be_used_is_refused_with_its_reason_when_it_is_made(string what)
    {
        var good = OnnxFile.Classifier([1, -1], [0, 0]);
        var thrown = Assert.Throws<InvalidModelException>(() => what switch
        {
            "classes" => Create(good, ["a", "b", "c"]),
            "damaged" => Create(good[..^20], []),
            "input" => Create(OnnxFile.Classifier([1], [0], "pixels"), []),
            "missing" => Create(null, []),
            _ => Create(good, [], "no control tokens here\n"),
        });

        Assert.Contains("'mood'", thrown.Message, StringComparison.Ordinal);
    }

    private IModel Create(byte[]? model, IReadOnlyList<string> labels, string vocabulary = Vocabulary)
    {
        var (path, tokenizer) = (Path.Combine(_folder, "model.onnx"), Path.Combine(_folder, "vocab.txt"));
        File.WriteAllText(tokenizer, vocabulary);
        if (model is not null)
        {
            File.WriteAllBytes(path, model);
        }

        return ModelFactory.Create(new ModelOptions { Name = "mood", Kind = "onnx", Path = path, Tokenizer = tokenizer, Labels = labels });
    }
}

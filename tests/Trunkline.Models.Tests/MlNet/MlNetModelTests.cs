using Trunkline.Models.MlNet;

namespace Trunkline.Models.Tests.MlNet;

public sealed class MlNetModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-mlnet-").FullName;

    private string Model => Path.Combine(_folder, "model.zip");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_trained_model_tells_the_classes_apart_and_is_small()
    {
        Train();
        await using var model = Create(Model);

        var spam = await Ask.AboutAsync(model, "win free money now");
        var ham = await Ask.AboutAsync(model, "the meeting is at noon");

        Assert.True(spam.GetProperty("label").GetBoolean());
        Assert.False(ham.GetProperty("label").GetBoolean());
        Assert.True(spam.GetProperty("probability").GetDouble() > ham.GetProperty("probability").GetDouble());
        Assert.True(new FileInfo(Model).Length < 1_000_000);
    }

    [Fact]
    public async Task Training_again_gives_the_same_bytes_and_so_the_same_version()
    {
        Train();
        var first = await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken);
        Train();

        Assert.Equal(first, await File.ReadAllBytesAsync(Model, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Many_callers_at_once_get_the_answers_one_caller_gets()
    {
        Train();
        await using var model = Create(Model);
        var texts = Enumerable.Range(0, 50).Select(i => $"free money {i} meeting at {i % 7}").ToArray();
        var alone = new List<string>();
        foreach (var text in texts)
        {
            alone.Add((await Ask.AboutAsync(model, text)).GetRawText());
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => Ask.AboutAsync(model, texts[i % texts.Length]))));

        Assert.All(together.Select((answer, i) => (answer, i)), pair => Assert.Equal(alone[pair.i % texts.Length], pair.answer.GetRawText()));
    }

    [Fact]
    public async Task Odd_texts_get_a_probability()
    {
        Train();
        await using var model = Create(Model);
        foreach (var text in new[] { "", "\u0000", "💘", new string('x', 1_000_000), string.Concat(Enumerable.Repeat("a b ", 100_000)) })
        {
            Assert.InRange((await Ask.AboutAsync(model, text)).GetProperty("probability").GetDouble(), 0, 1);
        }
    }

    [Fact]
    public void A_file_that_is_missing_or_no_model_is_refused_with_its_path()
    {
        File.WriteAllText(Path.Combine(_folder, "text.zip"), "this is no archive");
        using (var archive = System.IO.Compression.ZipFile.Open(Path.Combine(_folder, "other.zip"), System.IO.Compression.ZipArchiveMode.Create))
        {
            archive.CreateEntry("readme.txt");
        }

        foreach (var name in new[] { "missing.zip", "text.zip", "other.zip" })
        {
            var fault = Assert.Throws<InvalidModelException>(() => Create(Path.Combine(_folder, name)));
            Assert.Contains(name, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_model_is_refused_or_answers_but_never_crashes()
    {
        Train();
        var good = File.ReadAllBytes(Model);
        var random = new Random(5);
        for (var i = 0; i < 25; i++)
        {
            var bad = (byte[])good.Clone();
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Model, i % 2 == 0 ? bad : good[..random.Next(good.Length)]);
            try
            {
                _ = Create(Model);
            }
            catch (InvalidModelException)
            {
                // Refused, as it should be.
            }
        }
    }

    private static IModel Create(string path) => ModelFactory.Create(new ModelOptions { Name = "spam", Kind = "mlnet", Path = path });

    private void Train()
    {
        string[] spam = ["win free money now", "free prize claim now", "cheap money offer free", "win a free prize"];
        string[] ham = ["the meeting is at noon", "see you at the meeting", "notes from the meeting", "lunch at noon with the team"];
        TextTraining.Train([.. spam.Select(text => TextInput.Of(text, true)), .. ham.Select(text => TextInput.Of(text))], 7, Model);
    }
}

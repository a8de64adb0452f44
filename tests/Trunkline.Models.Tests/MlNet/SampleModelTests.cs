using System.Runtime.CompilerServices;

namespace Trunkline.Models.Tests.MlNet;

public sealed class SampleModelTests
{
    private const long BytesMax = 1_000_000;

    [Fact]
    public async Task The_sample_spam_model_is_small_and_tells_plain_cases_apart()
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../samples/mail/models/spam-v1.zip"));
        await using var model = ModelFactory.Create(new ModelOptions { Name = "spam", Kind = "mlnet", Path = path });

        var spam = await Ask.AboutAsync(model, "Dear friend, you have been selected! Click here to claim your FREE cash, no obligation. To be removed from our mailing list reply REMOVE.");
        var ham = await Ask.AboutAsync(model, "On Tuesday Rob wrote:\n> the patch does not apply\nI rebased it, please try the new version from CVS. It works for me with gcc 3.2.");

        Assert.True(new FileInfo(path).Length <= BytesMax);
        Assert.True(spam.GetProperty("probability").GetDouble() > 0.9);
        Assert.True(ham.GetProperty("probability").GetDouble() < 0.1);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}

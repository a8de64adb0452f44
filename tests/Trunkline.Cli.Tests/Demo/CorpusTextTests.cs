using System.Text;
using Trunkline.Cli.Demo;
using Trunkline.Mail;

namespace Trunkline.Cli.Tests.Demo;

public sealed class CorpusTextTests : IDisposable
{
    private const string Text = "This offer is for you alone, and it ends tonight at midnight sharp.";

    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-corpus-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_same_letters_tie_mails_and_other_letters_do_not()
    {
        var one = await ReadAsync("Message-ID: <1@x>\n\n" + Text);
        var same = await ReadAsync("Message-ID: <2@x>\n\n" + Text.ToUpperInvariant().Replace(" ", "\n", StringComparison.Ordinal) + " 4711");
        var other = await ReadAsync("Message-ID: <3@x>\n\n" + Text + " Really.");

        Assert.Single(one.Ties.Intersect(same.Ties));
        Assert.Empty(one.Ties.Intersect(other.Ties));
    }

    [Fact]
    public async Task Short_texts_tie_nothing_and_threads_tie_by_every_id()
    {
        var one = await ReadAsync("Message-ID: <1@x>\nReferences: <r@x> <s@x>\nIn-Reply-To: <t@x>\n\nok");

        Assert.Equal(["1@x", "r@x", "s@x", "t@x"], one.Ties.Order(StringComparer.Ordinal));
    }

    private async Task<CorpusText> ReadAsync(string mail)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(mail), TestContext.Current.CancellationToken);
        return (await CorpusText.ReadAsync(new CorpusMail("m", path, true), new MailParser(), TestContext.Current.CancellationToken))!;
    }
}

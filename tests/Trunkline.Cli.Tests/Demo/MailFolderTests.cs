using Trunkline.Cli.Demo;

namespace Trunkline.Cli.Tests.Demo;

public sealed class MailFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-mails-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_folder_holds_every_mail_byte_for_byte_and_filling_again_changes_nothing()
    {
        var corpus = BundledCorpus.Load(SampleFolder.Path);
        var mails = Path.Combine(_folder, "mails");

        MailFolder.Fill(mails, corpus, TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(mails, corpus.Mails[7].Name));
        var written = File.GetLastWriteTimeUtc(Path.Combine(mails, corpus.Mails[8].Name));
        MailFolder.Fill(mails, corpus, TestContext.Current.CancellationToken);

        Assert.Equal(corpus.Mails.Count, Directory.GetFiles(mails).Length);
        Assert.All(corpus.Mails, mail => Assert.Equal(File.ReadAllBytes(mail.Path), File.ReadAllBytes(Path.Combine(mails, mail.Name))));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(mails, corpus.Mails[8].Name)));
        Assert.Equal([mails], Directory.GetDirectories(_folder));
    }
}

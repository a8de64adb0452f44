using Trunkline.Cli.Demo;
using Trunkline.Server.Configuration;

namespace Trunkline.Cli.Tests.Demo;

public sealed class SampleProjectTests
{
    [Fact]
    public void The_sample_project_has_no_fault_without_any_variable_set()
    {
        var load = ProjectFile.Load(ProjectSource.FromDisk(SampleFolder.Path, _ => null));

        Assert.Empty(load.Faults);
        Assert.Equal(["intake", "reply", "triage"], load.Config!.Flows.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_bundled_corpus_has_its_mails_and_labels()
    {
        var corpus = BundledCorpus.Load(SampleFolder.Path);

        Assert.True(corpus.Mails.Count >= 300);
        Assert.All(corpus.Mails, mail => Assert.True(File.Exists(mail.Path)));
        Assert.InRange(corpus.Mails.Count(mail => mail.IsSpam), 50, 100);
    }

    [Fact]
    public async Task Every_bundled_mail_is_read_and_no_two_are_the_same()
    {
        var corpus = BundledCorpus.Load(SampleFolder.Path);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var hidden = 0;
        foreach (var mail in corpus.Mails)
        {
            var text = await CorpusText.ReadAsync(mail, new Mail.MailParser(), TestContext.Current.CancellationToken);

            Assert.True(ids.Add(text!.Id), mail.Name);
            Assert.NotEqual("", text.Text);
            hidden += text.Text.Contains('\uFFFD') ? 1 : 0;
        }

        Assert.Equal(0, hidden);
    }
}

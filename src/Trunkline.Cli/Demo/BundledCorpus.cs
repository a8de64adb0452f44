namespace Trunkline.Cli.Demo;

/// <summary>The sample mails that come with the program: <c>bundled/mails/*.eml</c> and <c>bundled/labels.tsv</c> of samples/mail.</summary>
internal static class BundledCorpus
{
    /// <summary>Reads the labels; the mails themselves stay files.</summary>
    /// <param name="sampleFolder">The folder samples/mail.</param>
    public static MailCorpus Load(string sampleFolder)
    {
        var folder = Path.Combine(sampleFolder, "bundled");
        var mails = new List<CorpusMail>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "labels.tsv")))
        {
            var columns = line.Split('\t');
            mails.Add(new CorpusMail(columns[0], Path.Combine(folder, "mails", columns[0]), columns[1] == "spam"));
        }

        return new MailCorpus("bundled", mails);
    }
}

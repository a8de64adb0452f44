namespace Trunkline.Cli.Demo;

/// <summary>The folder of mails that the demo's intake reads.</summary>
internal static class MailFolder
{
    private const string Partial = ".partial";

    /// <summary>
    /// Puts every mail of the corpus there under its own name, whole or not at all. What is there already stays, so that a
    /// resumed demo continues.
    /// </summary>
    public static void Fill(string folder, MailCorpus corpus, CancellationToken cancellationToken)
    {
        // Beside the folder: the intake must never see half a mail.
        var work = Directory.CreateDirectory(folder + Partial).FullName;
        Directory.CreateDirectory(folder);
        foreach (var mail in corpus.Mails)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Path.Combine(folder, mail.Name);
            if (File.Exists(target))
            {
                continue;
            }

            var copy = Path.Combine(work, mail.Name);
            File.Copy(mail.Path, copy, overwrite: true);
            File.Move(copy, target);
        }

        Directory.Delete(work, recursive: true);
    }
}

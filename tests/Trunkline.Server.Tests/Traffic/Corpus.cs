using System.Collections.Concurrent;
using Trunkline.Mail;

namespace Trunkline.Server.Tests.Traffic;

/// <summary>Mails as the demo's intake writes them, in the order of their names.</summary>
internal static class Corpus
{
    /// <summary>The mails that come with the program.</summary>
    public const string Bundled = "bundled";

    /// <summary>The public SpamAssassin corpus, where the demo has fetched it.</summary>
    public const string Public = "spamassassin";

    private const int PublicMails = 6046;

    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<byte[]>>> s_read = new(StringComparer.Ordinal);

    /// <summary>The mails; the test is skipped where they are not.</summary>
    public static IReadOnlyList<byte[]> Read(string corpus)
    {
        var folder = corpus == Public
            ? Path.Combine(Environment.GetEnvironmentVariable("TRUNKLINE_CACHE") ?? Path.Combine(Repository.Root, ".cache"), "spamassassin-0.2.3")
            : Path.Combine(Repository.Root, "samples/mail/bundled/mails");
        Assert.SkipUnless(Directory.Exists(folder), $"The {PublicMails} mails of the public corpus are not here: ./dev demo fetches them.");
        return s_read.GetOrAdd(corpus, _ => new(() => Parse(folder))).Value;
    }

    private static byte[][] Parse(string folder)
    {
        var parser = new MailParser();
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => parser.Parse(File.ReadAllBytes(file), TestContext.Current.CancellationToken)).OfType<MailParseResult.Parsed>()
            .Select(mail => mail.Body.ToArray())];
    }
}

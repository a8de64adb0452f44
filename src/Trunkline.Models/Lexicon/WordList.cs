using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Trunkline.Models.Lexicon;

/// <summary>Words and how they are felt, from about −4 to 4. One word and its number a line, parted by a tab. Immutable.</summary>
internal sealed class WordList
{
    private const long FileBytesMax = 16 * 1024 * 1024;

    private static readonly Lazy<WordList> s_builtIn = new(ReadBuiltIn);

    private WordList(FrozenDictionary<string, double> valences, string hash)
    {
        Valences = valences;
        Hash = hash;
    }

    /// <summary>The VADER list (Data/NOTICE).</summary>
    public static WordList BuiltIn => s_builtIn.Value;

    /// <summary>By word; words are looked up in lower case, so a listed word with capitals is never found.</summary>
    public FrozenDictionary<string, double> Valences { get; }

    /// <summary>The first twelve hex digits of the content's SHA-256.</summary>
    public string Hash { get; }

    /// <exception cref="InvalidModelException">The file is missing, too large, or a line is wrong.</exception>
    public static WordList Load(string model, string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Length <= FileBytesMax
                ? Parse(model, path, File.ReadAllBytes(path))
                : throw new InvalidModelException($"Model '{model}': the word list {path} has {file.Length} bytes, at most {FileBytesMax} are read.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidModelException($"Model '{model}': the word list {path} cannot be read. Check the path and its permissions.", e);
        }
    }

    private static WordList ReadBuiltIn()
    {
        using var stream = typeof(WordList).Assembly.GetManifestResourceStream("vader-lexicon.txt")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse("lexicon", "vader-lexicon.txt", bytes.ToArray());
    }

    private static WordList Parse(string model, string path, byte[] content)
    {
        var valences = new Dictionary<string, double>(8192, StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            var columns = line.Split('\t');
            if (columns.Length < 2
                || !double.TryParse(columns[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var valence)
                || !double.IsFinite(valence))
            {
                throw new InvalidModelException($"Model '{model}': {path}:{number} is not a word, a tab and a number.");
            }

            valences[columns[0]] = valence;
        }

        return new WordList(valences.ToFrozenDictionary(StringComparer.Ordinal), Convert.ToHexStringLower(SHA256.HashData(content))[..12]);
    }
}

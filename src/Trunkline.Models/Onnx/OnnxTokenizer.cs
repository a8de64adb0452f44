using Microsoft.ML.Tokenizers;

namespace Trunkline.Models.Onnx;

/// <summary>
/// Makes tokens of a text: WordPiece for a <c>vocab.txt</c> (BERT and its kin), SentencePiece for a <c>.model</c>. Text that looks like
/// a control token (<c>[SEP]</c>, <c>&lt;/s&gt;</c>) stays text. Thread-safe.
/// </summary>
internal sealed class OnnxTokenizer
{
    private readonly Func<string, int, IReadOnlyList<int>> _encode;

    private OnnxTokenizer(Func<string, int, IReadOnlyList<int>> encode) => _encode = encode;

    /// <exception cref="InvalidModelException">The file cannot be read as a vocabulary.</exception>
    public static OnnxTokenizer Load(string name, string path)
    {
        try
        {
            return path.EndsWith(".model", StringComparison.Ordinal) ? SentencePiece(path) : WordPiece(path);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The boundary to the library's readers, which fail on damaged files in many ways.
            throw new InvalidModelException($"Model '{name}': the tokenizer {path} cannot be read. It must be a vocab.txt (WordPiece) or a .model (SentencePiece).", e);
        }
    }

    /// <summary>The tokens, those of beginning and end included, cut to at most so many.</summary>
    public IReadOnlyList<int> Encode(string text, int tokensMax) => _encode(text, tokensMax);

    private static OnnxTokenizer WordPiece(string path)
    {
        using var file = File.OpenRead(path);
        var tokenizer = BertTokenizer.Create(file, new BertOptions { SplitOnSpecialTokens = false });
        return new OnnxTokenizer((text, max) =>
        {
            // Cut before the end token, which the model expects.
            var ids = tokenizer.EncodeToIds(text, addSpecialTokens: true);
            return ids.Count <= max ? ids : [.. ids.Take(max - 1), tokenizer.SeparatorTokenId];
        });
    }

    private static OnnxTokenizer SentencePiece(string path)
    {
        using var file = File.OpenRead(path);
        var tokenizer = SentencePieceTokenizer.Create(file, addBeginningOfSentence: true, addEndOfSentence: true);
        return new OnnxTokenizer((text, max) =>
        {
            var ids = tokenizer.EncodeToIds(text);
            return ids.Count <= max ? ids : [.. ids.Take(max - 1), tokenizer.EndOfSentenceId];
        });
    }
}

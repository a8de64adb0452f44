using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Trunkline.Mail;

namespace Trunkline.Cli.Demo;

/// <summary>A mail of a corpus as the step <c>parse: mail</c> sees it.</summary>
/// <param name="Mail">The mail.</param>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its text.</param>
/// <param name="Ties">What it has in common with the mails it must not be parted from: the ids of its thread, and its text.</param>
internal sealed record CorpusText(CorpusMail Mail, string Id, string Text, IReadOnlyList<string> Ties)
{
    // Fewer letters than this (a signature, a link) do not make two mails the same.
    private const int LettersMin = 40;

    /// <summary>Reads the mail; null when the parser refuses it.</summary>
    public static async Task<CorpusText?> ReadAsync(CorpusMail mail, MailParser parser, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(mail.Path, cancellationToken);
        if (parser.Parse(bytes, cancellationToken) is not MailParseResult.Parsed parsed)
        {
            return null;
        }

        using var body = JsonDocument.Parse(parsed.Body);
        var root = body.RootElement;
        var text = root.GetProperty("text").GetString()!;
        var id = root.GetProperty("id").GetString()!;
        var ties = root.GetProperty("references").EnumerateArray().Select(reference => reference.GetString()!).Append(id).ToList();
        if (root.GetProperty("inReplyTo").GetString() is { } parent)
        {
            ties.Add(parent);
        }

        if (TextTie(text) is { } tie)
        {
            ties.Add(tie);
        }

        return new CorpusText(mail, id, text, ties);
    }

    /// <summary>A hash of the letters alone, so that copies with other names, numbers, links' digits or line breaks count as one.</summary>
    private static string? TextTie(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var c in text.Where(char.IsLetter))
        {
            letters.Append(char.ToLowerInvariant(c));
        }

        return letters.Length < LettersMin ? null : "text:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(letters.ToString())));
    }
}

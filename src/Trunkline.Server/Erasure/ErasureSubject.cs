using System.Security.Cryptography;
using System.Text;
using Trunkline.Core.Security;
using Trunkline.Messaging;
using Trunkline.Server.Topics;

namespace Trunkline.Server.Erasure;

/// <summary>What an erasure is asked for by.</summary>
internal enum ErasureKind
{
    /// <summary>The key of messages.</summary>
    Key,

    /// <summary>The id of a message.</summary>
    Id,

    /// <summary>A tenant.</summary>
    Tenant,
}

/// <summary>Whose messages are to be erased. Never logged; kept only until the erasure is done.</summary>
/// <param name="Kind">What names them.</param>
/// <param name="Value">Its bytes; of an id or tenant the UTF-8.</param>
internal sealed record ErasureSubject(ErasureKind Kind, ReadOnlyMemory<byte> Value)
{
    private const int TextMin = 4;

    /// <summary>True if the message itself names the subject; what was made of it is found otherwise.</summary>
    public bool Names(Message message) => Kind switch
    {
        ErasureKind.Key => NamesKey(message.Key),
        ErasureKind.Id => Is(message.Id.Value),
        _ => NamesTenant(message.Headers),
    };

    public bool NamesKey(MessageKey? key) => Kind == ErasureKind.Key && key is { } given && given.Bytes.Span.SequenceEqual(Value.Span);

    public bool Is(string text) => Encoding.UTF8.GetByteCount(text) == Value.Length && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(Value.Span);

    /// <summary>SHA-256 over a salt, the kind and the value: who has the salt and the value can prove what the erasure was about, nobody can guess it without.</summary>
    public string Hash(ReadOnlySpan<byte> salt) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(Kind.ToString().ToLowerInvariant()), 0, .. Value.Span]));

    /// <summary>By what reports on messages are known to be of the subject's.</summary>
    /// <param name="finds">What was found of it so far.</param>
    public ErasedNames NamesOf(ErasureFinds finds)
    {
        var mark = Kind == ErasureKind.Key ? KeyMark.Of(Value.Span) : null;

        // A tenant's name is no secret of it, and a short text stands in others by chance.
        var text = Kind != ErasureKind.Tenant && Encoding.UTF8.GetString(Value.Span) is { Length: >= TextMin } told ? told : null;
        return new ErasedNames(
            id => finds.IsFactAbout(id) || (Kind == ErasureKind.Id && Is(id)),
            given => given == mark,
            given => text is not null && given.Contains(text, StringComparison.Ordinal));
    }

    private bool NamesTenant(Headers headers)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Name == HeaderNames.Tenant && headers[i].Value.Span.SequenceEqual(Value.Span))
            {
                return true;
            }
        }

        return false;
    }
}

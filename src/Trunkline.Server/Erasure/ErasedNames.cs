using System.Text;
using Trunkline.Core.Security;

namespace Trunkline.Server.Erasure;

/// <summary>By what reports on messages, such as traces and logs, are known to be of those that are erased.</summary>
/// <param name="subject">Whose messages are erased.</param>
/// <param name="finds">What was found of it so far.</param>
internal sealed class ErasedNames(ErasureSubject subject, ErasureFinds finds)
{
    // A shorter text stands in others by chance.
    private const int LengthMin = 4;

    private readonly string? _text = subject.Kind != ErasureKind.Tenant && Encoding.UTF8.GetString(subject.Value.Span) is { Length: >= LengthMin } text ? text : null;
    private readonly string? _mark = subject.Kind == ErasureKind.Key ? KeyMark.Of(subject.Value.Span) : null;

    /// <summary>Whether an id is of one of them. The message may be gone already: the id asked for counts all the same.</summary>
    public bool IsMessage(string? id) => id is not null && (finds.IsFactAbout(id) || (subject.Kind == ErasureKind.Id && subject.Is(id)));

    /// <summary>Whether a mark is of the key.</summary>
    public bool IsKeyMark(string? mark) => mark is not null && mark == _mark;

    /// <summary>Whether a text of another service has the key or the id in it.</summary>
    public bool IsIn(string text) => _text is not null && text.Contains(_text, StringComparison.Ordinal);
}

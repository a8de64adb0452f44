using System.Text;

namespace Trunkline.Messaging;

/// <summary>A named value beside the payload. Names keep their case and may repeat; values are any bytes.</summary>
/// <param name="Name">Non-empty; see <see cref="HeaderNames"/> for the names Trunkline itself uses.</param>
/// <param name="Value">The bytes; must not change afterwards.</param>
public readonly record struct Header(string Name, ReadOnlyMemory<byte> Value)
{
    /// <summary>A header whose value is UTF-8 text.</summary>
    public Header(string name, string value)
        : this(name, Encoding.UTF8.GetBytes(value))
    {
    }

    /// <summary>The value read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Value.Span);
}

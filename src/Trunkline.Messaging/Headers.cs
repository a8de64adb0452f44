using System.Collections;

namespace Trunkline.Messaging;

/// <summary>An immutable, ordered list of headers. Look-up is by exact name (ordinal, case-sensitive).</summary>
public sealed class Headers : IReadOnlyList<Header>
{
    private readonly Header[] _items;

    private Headers(Header[] items) => _items = items;

    /// <summary>No headers.</summary>
    public static Headers Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public Header this[int index] => _items[index];

    /// <summary>Copies the given headers.</summary>
    public static Headers Of(params IEnumerable<Header> headers)
    {
        var items = headers.ToArray();
        return items.Length == 0 ? Empty : new Headers(items);
    }

    /// <summary>Takes the array over, without a copy; the caller must not touch it again.</summary>
    public static Headers Owning(Header[] items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items.Length == 0 ? Empty : new Headers(items);
    }

    /// <summary>The text of the last header of that name, or null.</summary>
    public string? Text(string name)
    {
        for (var i = _items.Length - 1; i >= 0; i--)
        {
            if (_items[i].Name == name)
            {
                return _items[i].Text;
            }
        }

        return null;
    }

    /// <summary>A copy in which the given header replaces all of its name; appended at the end.</summary>
    public Headers With(string name, string value) =>
        new([.. _items.Where(h => h.Name != name), new Header(name, value)]);

    /// <summary>A copy without the headers of that name.</summary>
    public Headers Without(string name) => Of(_items.Where(h => h.Name != name));

    /// <inheritdoc/>
    public IEnumerator<Header> GetEnumerator() => ((IEnumerable<Header>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}

namespace Trunkline.Server.Flows.Tenants;

/// <summary>For each offset the line it waits in, or 0: a byte an offset, in pages that are there as long as something waits in them.</summary>
internal sealed class PassedPages
{
    private const int PageOffsets = 16 * 1024;

    private readonly Dictionary<long, Page> _pages = [];

    /// <summary>The offset waits in a line.</summary>
    public void Set(long offset, byte line)
    {
        if (!_pages.TryGetValue(offset / PageOffsets, out var page))
        {
            page = new Page();
            _pages.Add(offset / PageOffsets, page);
        }

        page.Lines[offset % PageOffsets] = line;
        page.Waiting++;
    }

    /// <summary>The offset, which was set, waits no more.</summary>
    public void Clear(long offset)
    {
        var page = _pages[offset / PageOffsets];
        page.Lines[offset % PageOffsets] = 0;
        if (--page.Waiting == 0)
        {
            _pages.Remove(offset / PageOffsets);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _pages.Clear();

    /// <summary>The first offset of a line, from one up to another; the latter if there is none.</summary>
    public long Find(byte line, long from, long until)
    {
        while (from < until)
        {
            var at = (int)(from % PageOffsets);
            if (_pages.TryGetValue(from / PageOffsets, out var page) && page.Lines.AsSpan(at).IndexOf(line) is >= 0 and var found)
            {
                return Math.Min(from + found, until);
            }

            from += PageOffsets - at;
        }

        return until;
    }

    private sealed class Page
    {
        public byte[] Lines { get; } = new byte[PageOffsets];

        public int Waiting { get; set; }
    }
}

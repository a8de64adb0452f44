using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors.Files;

/// <summary>
/// One file that is followed. It stays open while it grows, so that it is read to its end under whatever name. One that is shorter than what was read, or
/// begins otherwise, was written anew and is read from its beginning, as another part of the source. One user at a time.
/// </summary>
internal sealed class TailedFile : IDisposable
{
    // Bytes of one turn, unless a line is longer: so that each file has its turn.
    private const int TurnBytes = 256 * 1024;

    private readonly FileSourceConfig _source;
    private readonly SourceStart _start;
    private readonly TextLines _lines;
    private readonly byte[] _head = new byte[TailPosition.HeadBytesMax];
    private SafeFileHandle? _handle;
    private int _generation;
    private long _offset;
    private long _seen = -1;
    private string _hash = "";
    private int _hashed = -1;
    private string? _replaced;

    /// <param name="source">How it is read.</param>
    /// <param name="start">The reading it belongs to.</param>
    /// <param name="found">The file.</param>
    /// <param name="position">Where an earlier reading came to; null for a file not read before.</param>
    public TailedFile(FileSourceConfig source, SourceStart start, FoundFile found, TailPosition? position)
    {
        (_source, _start, Found) = (source, start, found);
        _lines = TextLines.Of(source.Encoding);
        Name = position?.Name ?? found.Name;
        _generation = position?.Generation ?? 0;
        LastRead = start.Time.GetUtcNow();
        if (position is not null)
        {
            Resume(position);
        }
    }

    /// <summary>Where it is now.</summary>
    public FoundFile Found { get; set; }

    /// <summary>The name it was found by first.</summary>
    public string Name { get; }

    /// <summary>Since when no name of it matches; null while one does.</summary>
    public DateTimeOffset? GoneSince { get; set; }

    /// <summary>When a line of it was read last.</summary>
    public DateTimeOffset LastRead { get; private set; }

    /// <summary>Where its reading stands.</summary>
    public TailPosition Position
    {
        get
        {
            var head = (int)Math.Min(_offset, _head.Length);
            if (_hashed != head)
            {
                (_hashed, _hash) = (head, TailPosition.HashOf(_head.AsSpan(0, head)));
            }

            return new TailPosition(Part, _offset, head, _hash, Name);
        }
    }

    /// <summary>True if all there is was read, a line without end too.</summary>
    public bool IsThrough => _offset == Length;

    /// <summary>True if there is something that was not looked at.</summary>
    public bool HasMore => !IsThrough && _seen != Length;

    /// <summary>True if it is open, or can be opened by the name it is known to have.</summary>
    public bool IsThere => _handle is not null || FileSystemCalls.PlainFileAt(Found.Path)?.Identity == Found.Identity;

    private string Part => TailPosition.PartOf(Found.Identity, _generation);

    private long Length => _handle is null ? Found.Length : RandomAccess.GetLength(_handle);

    /// <summary>The next lines; empty if there is none at the moment.</summary>
    /// <param name="isLast">Whether the file grows no more, so that a line without end is one too.</param>
    /// <exception cref="FileNotFoundException">It is not there under the name it is known by.</exception>
    public List<SourceMessage> Read(bool isLast)
    {
        var messages = new List<SourceMessage>();
        if (_handle is null && (IsThrough || (!isLast && _seen == Found.Length)))
        {
            return messages;
        }

        var file = _handle ??= Open();
        for (var more = true; more && messages.Count == 0;)
        {
            var length = RandomAccess.GetLength(file);
            if (!isLast && length == _seen)
            {
                break;
            }

            if (length < _offset || !BeginsAsBefore(file))
            {
                BeginAnew();
            }

            more = ReadTurn(file, length, isLast, messages);
        }

        return messages;
    }

    /// <summary>Reads once; true if there is more.</summary>
    private bool ReadTurn(SafeFileHandle file, long length, bool isLast, List<SourceMessage> messages)
    {
        var begins = _offset;
        var bytes = new byte[Math.Min(length - _offset, Math.Max(TurnBytes, _source.LineBytesMax + 4))];
        var read = RandomAccess.Read(file, bytes, _offset);
        Cut(bytes.AsSpan(0, read), isLast && _offset + read == length, messages);
        if (_offset == begins)
        {
            // Nothing but the beginning of a line: once the file is longer it is looked at again.
            _seen = length;
            return false;
        }

        LastRead = _start.Time.GetUtcNow();
        _seen = _offset == length ? length : -1;
        return _offset < length;
    }

    /// <summary>Closes it until it grows.</summary>
    public void Rest()
    {
        _handle?.Dispose();
        _handle = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Rest();

    private void Cut(ReadOnlySpan<byte> bytes, bool isLast, List<SourceMessage> messages)
    {
        var at = 0;
        if (_offset == 0)
        {
            Take(bytes, ref at, _lines.MarkBytes(bytes));
        }

        while (_lines.Cut(bytes[at..], _source.LineBytesMax, isLast) is { } line)
        {
            var begins = _offset;
            var content = bytes.Slice(at, line.Length);
            Take(bytes, ref at, line.Consumed);
            if (content.Length > 0)
            {
                messages.Add(MessageOf(content, begins, line.More));
            }
        }
    }

    /// <summary>Moves on, and keeps of the file's first bytes those that are read now.</summary>
    private void Take(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        if (_offset < _head.Length)
        {
            bytes.Slice(at, (int)Math.Min(count, _head.Length - _offset)).CopyTo(_head.AsSpan((int)_offset));
        }

        at += count;
        _offset += count;
    }

    private SourceMessage MessageOf(ReadOnlySpan<byte> content, long begins, bool more)
    {
        var headers = new List<Header> { new("filename", Name), new("fileoffset", begins.ToString(CultureInfo.InvariantCulture)) };
        if (more)
        {
            headers.Add(new Header("filemore", "true"));
        }

        var message = new Message
        {
            Id = new MessageId("line-" + StableId.Of(Part, begins.ToString(CultureInfo.InvariantCulture))),
            Source = "/file/" + Uri.EscapeDataString(_start.Flow),
            Key = MessageKey.FromText(Name),
            ContentType = _source.IsJson ? "application/json" : "text/plain; charset=utf-8",
            Headers = Headers.Of(headers),
            Payload = _lines.ToUtf8(content),
        };
        return new SourceMessage(message, Position.ToString()) { Part = Part, Committed = ForgetReplaced() };
    }

    /// <summary>Once a line of the file as it is now is durable, what it was before needs no position any more.</summary>
    private Action? ForgetReplaced()
    {
        if (_replaced is not { } replaced)
        {
            return null;
        }

        _replaced = null;
        return () => _start.Forget(replaced);
    }

    private void Resume(TailPosition position)
    {
        using var file = Open();
        var read = RandomAccess.Read(file, _head.AsSpan(0, position.HeadBytes), 0);
        _offset = position.Offset;
        if (read < position.HeadBytes || TailPosition.HashOf(_head.AsSpan(0, read)) != position.Hash)
        {
            BeginAnew();
        }
    }

    /// <summary>Its name may be another file's by now.</summary>
    private SafeFileHandle Open()
    {
        var file = File.OpenHandle(Found.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (FileSystemCalls.IdentityOf(file, Found.Path) == Found.Identity)
        {
            return file;
        }

        file.Dispose();
        throw new FileNotFoundException();
    }

    private bool BeginsAsBefore(SafeFileHandle file)
    {
        Span<byte> now = stackalloc byte[TailPosition.HeadBytesMax];
        now = now[..(int)Math.Min(_offset, now.Length)];
        return RandomAccess.Read(file, now, 0) == now.Length && now.SequenceEqual(_head.AsSpan(0, now.Length));
    }

    private void BeginAnew()
    {
        _replaced = Part;
        _generation++;
        (_offset, _seen, _hashed) = (0, -1, -1);
    }
}

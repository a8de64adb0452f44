using System.Globalization;
using MimeKit;

namespace Trunkline.Mail;

/// <summary>
/// Reads the structure of a mail in one pass without building a tree of it: the top headers and where each leaf lies. Stops
/// at the first bound that is passed, so a mail bomb costs no more than the bounds.
/// </summary>
internal sealed class MailOutline : MimeReader
{
    private readonly MailLimits _limits;
    private readonly Stack<HeaderList> _attachedMails = new();
    private HeaderList _pending = [];
    private int _depth;
    private int _parts;
    private int _headers;
    private long _headerBytes;
    private long? _headersFrom;

    private MailOutline(Stream mail, MailLimits limits)
        : base(new ParserOptions { MaxMimeDepth = limits.DepthMax + 2 }, mail, MimeFormat.Entity) => _limits = limits;

    /// <summary>Headers of the mail itself.</summary>
    public HeaderList Headers { get; private set; } = [];

    /// <summary>The leaves of the mail itself in order; what is inside an attached mail is counted but not listed.</summary>
    public List<MailPart> Parts { get; } = [];

    /// <exception cref="MailRefusedException">A bound is passed, or these bytes are no mail.</exception>
    public static MailOutline Read(ReadOnlyMemory<byte> mail, MailLimits limits, CancellationToken cancellationToken)
    {
        using var stream = new MemoryView(mail);
        var outline = new MailOutline(stream, limits);
        stream.BeforeRead = outline.CheckOpenHeaders;
        try
        {
            outline.ReadMessage(cancellationToken);
        }
        catch (FormatException)
        {
            throw new MailRefusedException(MailFaultCodes.Unreadable, "It does not begin with mail headers.");
        }

        return outline;
    }

    protected override void OnHeadersBegin(long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        _pending = [];
        _headersFrom = beginOffset;
    }

    protected override void OnHeadersEnd(
        long beginOffset, int beginLineNumber, long endOffset, int endLineNumber, CancellationToken cancellationToken) => _headersFrom = null;

    protected override void OnHeaderRead(Header header, int beginLineNumber, CancellationToken cancellationToken)
    {
        _headerBytes += header.RawField.Length + header.RawValue.Length + 1;
        Refuse(++_headers > _limits.HeadersMax, MailFaultCodes.TooManyHeaders, $"It has more than {_limits.HeadersMax} header fields.");
        Refuse(_headerBytes > _limits.HeaderBytesMax, MailFaultCodes.HeadersTooLarge, $"Its headers have more than {_limits.HeaderBytesMax} bytes.");

        // A mail's own headers and those inside attached mails are read alike; only the former are kept.
        if (_attachedMails.Count == 0)
        {
            _pending.Add(header);
        }
    }

    protected override void OnMimeMessageBegin(long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        if (_attachedMails.Count == 0)
        {
            Headers = _pending;
        }
    }

    protected override void OnMultipartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) =>
        Enter();

    protected override void OnMultipartEnd(
        ContentType contentType, long beginOffset, int beginLineNumber, long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken) =>
        _depth--;

    protected override void OnMessagePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        Enter();
        _attachedMails.Push(_pending);
    }

    protected override void OnMessagePartEnd(
        ContentType contentType, long beginOffset, int beginLineNumber, long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken)
    {
        _depth--;
        var headers = _attachedMails.Pop();
        if (_attachedMails.Count == 0)
        {
            Parts.Add(new MailPart(contentType, headers, (int)headersEndOffset, (int)endOffset) { IsMail = true });
        }
    }

    protected override void OnMimePartBegin(ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken) => Count();

    protected override void OnMimePartEnd(
        ContentType contentType, long beginOffset, int beginLineNumber, long headersEndOffset, long endOffset, int lines, CancellationToken cancellationToken)
    {
        if (_attachedMails.Count == 0)
        {
            Parts.Add(new MailPart(contentType, _pending, (int)headersEndOffset, (int)endOffset));
        }
    }

    /// <summary>
    /// A field is announced only once it is complete, and MimeKit gathers a long one in quadratic time (30 MB took 20 s), so an
    /// unfinished block of headers is measured while it is being read.
    /// </summary>
    private void CheckOpenHeaders(long position) =>
        Refuse(position - _headersFrom > _limits.HeaderBytesMax, MailFaultCodes.HeadersTooLarge, $"Its headers have more than {_limits.HeaderBytesMax} bytes.");

    private void Enter()
    {
        Count();
        Refuse(++_depth > _limits.DepthMax, MailFaultCodes.TooDeep, $"Its parts are nested deeper than {_limits.DepthMax} levels.");
    }

    private void Count() => Refuse(++_parts > _limits.PartsMax, MailFaultCodes.TooManyParts, $"It has more than {_limits.PartsMax} parts.");

    private static void Refuse(bool over, string code, FormattableString detail)
    {
        if (over)
        {
            throw new MailRefusedException(code, detail.ToString(CultureInfo.InvariantCulture));
        }
    }
}

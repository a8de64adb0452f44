using System.Globalization;

namespace Trunkline.Mail.Smtp;

/// <summary>An answer of the receiver: status, enhanced status (RFC 3463), text. Holds nothing the client said.</summary>
/// <param name="Status">Three digits.</param>
/// <param name="Text">What follows them.</param>
internal sealed record SmtpReply(int Status, string Text)
{
    public static readonly SmtpReply Ok = new(250, "2.0.0 ok");
    public static readonly SmtpReply Goodbye = new(221, "2.0.0 goodbye");
    public static readonly SmtpReply Stored = new(250, "2.0.0 stored");
    public static readonly SmtpReply GoAhead = new(354, "end with <CRLF>.<CRLF>");
    public static readonly SmtpReply ReadyForTls = new(220, "2.0.0 ready for TLS");
    public static readonly SmtpReply Verify = new(252, "2.1.5 send mail, and see");
    public static readonly SmtpReply Unknown = new(500, "5.5.2 no such command");
    public static readonly SmtpReply NotHere = new(502, "5.5.1 not offered");
    public static readonly SmtpReply Syntax = new(501, "5.5.4 cannot be understood");
    public static readonly SmtpReply Order = new(503, "5.5.1 not in this order");
    public static readonly SmtpReply Parameter = new(555, "5.5.4 a parameter is not offered");
    public static readonly SmtpReply NeedsTls = new(530, "5.7.0 STARTTLS first");
    public static readonly SmtpReply NotTaken = new(550, "5.7.1 no mail is taken for this address");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3 no more recipients in one mail");
    public static readonly SmtpReply TooLarge = new(552, "5.3.4 the mail is larger than is taken");
    public static readonly SmtpReply HeadersTooLarge = new(554, "5.6.0 the headers are larger than is taken");
    public static readonly SmtpReply TooManyHeaders = new(554, "5.6.0 more header fields than are taken");
    public static readonly SmtpReply BareLineEnd = new(554, "5.6.0 lines end with CR LF, and with nothing else");
    public static readonly SmtpReply Looping = new(554, "5.4.6 it went through too many servers");
    public static readonly SmtpReply Later = new(451, "4.3.0 it cannot be stored now; come again");
    public static readonly SmtpReply NoRoom = new(452, "4.3.1 no room now; come again");
    public static readonly SmtpReply TooManyConnections = new(421, "4.3.2 too many connections; come again");
    public static readonly SmtpReply Closing = new(421, "4.3.2 closing; come again");
    public static readonly SmtpReply TooSlow = new(421, "4.4.2 too slow");
    public static readonly SmtpReply TooManyFaults = new(421, "4.7.0 too many faults");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Status} {Text}\r\n");
}

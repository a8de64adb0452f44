using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Connectors.Mail;

/// <summary>Log messages of mail connectors, 4100 to 4199. No payloads, no secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(4100, LogLevel.Warning, "Flow {Flow}: nothing comes from the mailbox: {Reason}; next try in {Wait}")]
    public static partial void MailboxFailed(ILogger logger, string flow, string reason, TimeSpan wait, Exception exception);

    [LoggerMessage(4101, LogLevel.Error, "Flow {Flow}: the mail with UID {Uid} has {Bytes} bytes, more than the {BytesMax} that are taken; it is left where it is")]
    public static partial void MailTooLarge(ILogger logger, string flow, uint uid, long bytes, int bytesMax);

    [LoggerMessage(4102, LogLevel.Error, "Flow {Flow}: the server did not give the mail with UID {Uid} in {Tries} tries; it is left where it is")]
    public static partial void MailNotGiven(ILogger logger, string flow, uint uid, int tries);

    [LoggerMessage(4103, LogLevel.Warning, "Flow {Flow}: the mailbox has a new UIDVALIDITY: its mails are looked at again, up to UID {Last}, and those known by their content are passed over")]
    public static partial void MailboxRenewed(ILogger logger, string flow, uint last);

    [LoggerMessage(4104, LogLevel.Information, "Flow {Flow}: mails come in at {Address}")]
    public static partial void Listening(ILogger logger, string flow, string address);

    [LoggerMessage(4105, LogLevel.Warning, "Flow {Flow}: mails cannot come in: {Reason}; next try in {Wait}")]
    public static partial void ListeningFailed(ILogger logger, string flow, string reason, TimeSpan wait, Exception exception);

    [LoggerMessage(4106, LogLevel.Error, "Flow {Flow}: the mail at byte {Start} has more than the {BytesMax} bytes that are taken; it is passed over")]
    public static partial void MboxMailTooLarge(ILogger logger, string flow, long start, int bytesMax);

    [LoggerMessage(4108, LogLevel.Warning, "Flow {Flow}: the server refuses to mark mails with '{Flag}'; they are read, and left unmarked")]
    public static partial void FlagsRefused(ILogger logger, string flow, string flag, Exception exception);

    [LoggerMessage(4109, LogLevel.Information, "Flow {Flow}: what was kept of {Count} mails that have been gone from the mailbox for long was removed")]
    public static partial void MarksRemoved(ILogger logger, string flow, int count);

    [LoggerMessage(4107, LogLevel.Warning, "Flow {Flow}: nothing comes from the mbox file: {Reason}")]
    public static partial void MboxFailed(ILogger logger, string flow, string reason);
}

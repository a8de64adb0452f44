using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Sight.Alerts;

/// <summary>Event ids 6400 to 6499.</summary>
internal static partial class Log
{
    [LoggerMessage(6400, LogLevel.Warning, "Receiver {Receiver} could not be told of alerts ({Code}: {Detail}), {Failures} times in a row; it is tried again.")]
    public static partial void NoticeFailed(ILogger logger, string receiver, string code, string detail, int failures);

    [LoggerMessage(6401, LogLevel.Error, "Receiver {Receiver} refuses notices of alerts ({Code}: {Detail}); mend it under alerts.receivers.")]
    public static partial void NoticeRefused(ILogger logger, string receiver, string code, string detail);
}

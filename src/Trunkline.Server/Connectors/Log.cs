using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Connectors;

/// <summary>Log messages of connectors, 4000 to 4999. No payloads, no secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Warning, "Flow {Flow}: file {File} could not be read and is left for the next scan")]
    public static partial void FileUnreadable(ILogger logger, string flow, string file, Exception exception);

    [LoggerMessage(4001, LogLevel.Error, "Flow {Flow}: file {File} has {Bytes} bytes, more than the {BytesMax} a folder's files may have; it is left where it is")]
    public static partial void FileTooLarge(ILogger logger, string flow, string file, long bytes, int bytesMax);

    [LoggerMessage(4002, LogLevel.Warning, "Flow {Flow}: its source fails ({Trouble}); it is read again in {Wait}")]
    public static partial void ConnectorFailed(ILogger logger, string flow, string trouble, TimeSpan wait, Exception exception);

    [LoggerMessage(4003, LogLevel.Warning, "Flow {Flow}: its source threw when it was told that messages are durable")]
    public static partial void ConnectorNotTold(ILogger logger, string flow, Exception exception);

    [LoggerMessage(4004, LogLevel.Error, "Flow {Flow}: its source did not end within {Bound} and is left behind")]
    public static partial void ConnectorHangs(ILogger logger, string flow, TimeSpan bound);

    [LoggerMessage(4005, LogLevel.Warning, "Flow {Flow}: its source threw when it ended")]
    public static partial void ConnectorNotEnded(ILogger logger, string flow, Exception exception);
}

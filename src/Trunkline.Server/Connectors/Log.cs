using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Connectors;

/// <summary>Log messages of connectors, 4000 to 4999. No payloads, no secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Warning, "Flow {Flow}: file {File} could not be read and is left for the next scan")]
    public static partial void FileUnreadable(ILogger logger, string flow, string file, Exception exception);

    [LoggerMessage(4001, LogLevel.Error, "Flow {Flow}: file {File} has {Bytes} bytes, more than the {BytesMax} a folder's files may have; it is left where it is")]
    public static partial void FileTooLarge(ILogger logger, string flow, string file, long bytes, int bytesMax);
}

using Microsoft.Extensions.Logging;

namespace Trunkline.Brokers.Embedded;

/// <summary>What the embedded broker logs. Event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Store {Directory} opened: {Topics} topics, {Milliseconds:0} ms")]
    public static partial void Opened(ILogger logger, string directory, int topics, double milliseconds);

    [LoggerMessage(1001, LogLevel.Error, "The store failed and accepts nothing until it is reopened")]
    public static partial void Failed(ILogger logger, Exception failure);

    [LoggerMessage(1002, LogLevel.Error, "The mark of what was acknowledged could not be written")]
    public static partial void MarkFailed(ILogger logger, Exception failure);

    [LoggerMessage(1003, LogLevel.Warning, "Less than {Bytes} bytes are free in {Directory}: appends are refused until there is more")]
    public static partial void DiskLow(ILogger logger, long bytes, string directory);

    [LoggerMessage(1004, LogLevel.Warning, "The store was opened although acknowledged data is missing, as asked: {Loss}")]
    public static partial void LossAccepted(ILogger logger, string loss);

    [LoggerMessage(1005, LogLevel.Warning, "The store in {Directory} was brought from format {From} to {To}; as it was it is kept in {Kept}")]
    public static partial void Migrated(ILogger logger, string directory, int from, int to, string kept);

    [LoggerMessage(1006, LogLevel.Error, "Keys of the store are damaged, so it cannot be told which of {Files} files of the log are in use: all are kept. Run 'trunkline doctor'")]
    public static partial void LogKept(ILogger logger, int files);
}

using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Hosting;

/// <summary>Event ids 4100 to 4199.</summary>
internal static partial class Log
{
    [LoggerMessage(4100, LogLevel.Information, "Listening on {Url}, broker {Broker}, data in {Data}.")]
    public static partial void Listening(ILogger logger, string url, string broker, string data);

    [LoggerMessage(4101, LogLevel.Information, "Stopping: finishing what is in hand, at most {Seconds} s.")]
    public static partial void Draining(ILogger logger, double seconds);

    [LoggerMessage(4103, LogLevel.Warning, "Not everything in hand was finished in time; it is done again after the next start.")]
    public static partial void DrainCutShort(ILogger logger);

    [LoggerMessage(4104, LogLevel.Debug, "Retention removed {Messages} messages.")]
    public static partial void RetentionApplied(ILogger logger, long messages);

    [LoggerMessage(4105, LogLevel.Warning, "Retention could not be applied ({Code}).")]
    public static partial void RetentionFailed(ILogger logger, BrokerErrorCode code, Exception failure);

    [LoggerMessage(4106, LogLevel.Warning, "What the node sees of itself could not be counted or kept ({Code}); it is tried again.")]
    public static partial void SightFailed(ILogger logger, BrokerErrorCode code, Exception failure);

    [LoggerMessage(4107, LogLevel.Warning, "What came into topics could not be looked at for drift ({Code}).")]
    public static partial void TrafficUnread(ILogger logger, BrokerErrorCode code, Exception failure);

    [LoggerMessage(4108, LogLevel.Warning, "Traces could not be read or kept ({Code}).")]
    public static partial void TracesNotKept(ILogger logger, BrokerErrorCode code, Exception failure);

    [LoggerMessage(4109, LogLevel.Warning, "What webhooks of pacts were told could not be noted ({Code}); they may be told again.")]
    public static partial void PactHooksUntold(ILogger logger, BrokerErrorCode code, Exception failure);

    [LoggerMessage(4110, LogLevel.Warning, "Logs could not be kept ({Code}); it is tried again, and the oldest go when there are too many.")]
    public static partial void LogsUnkept(ILogger logger, BrokerErrorCode code, Exception failure);
}

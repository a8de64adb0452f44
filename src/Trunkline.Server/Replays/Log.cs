using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Replays;

/// <summary>Event ids 5200 to 5299.</summary>
internal static partial class Log
{
    [LoggerMessage(5200, LogLevel.Information, "Replay {Id} of flow {Flow} is {State} after {Read} of {Total} messages.")]
    public static partial void State(ILogger logger, string id, string flow, string state, long read, long total);

    [LoggerMessage(5201, LogLevel.Warning, "Replay {Id}: the broker does not take its outputs ({Code}); the same unit is tried again in {Wait}.")]
    public static partial void Waits(ILogger logger, string id, BrokerErrorCode code, TimeSpan wait);

    [LoggerMessage(5202, LogLevel.Error, "Replay {Id} of flow {Flow} failed.")]
    public static partial void Failed(ILogger logger, string id, string flow, Exception failure);
}

using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Erasure;

/// <summary>What erasures log: ids and counts, never whom they are about.</summary>
internal static partial class Log
{
    [LoggerMessage(6100, LogLevel.Information, "Erasure {Id}: {Phase}")]
    public static partial void Reached(ILogger logger, string id, ErasurePhase phase);

    [LoggerMessage(6101, LogLevel.Warning, "Erasure {Id} waits {Wait} and goes on then: {Code}")]
    public static partial void Waits(ILogger logger, string id, TimeSpan wait, BrokerErrorCode code, Exception failure);

    [LoggerMessage(6102, LogLevel.Error, "Erasure {Id} cannot be done")]
    public static partial void Failed(ILogger logger, string id, Exception failure);
}

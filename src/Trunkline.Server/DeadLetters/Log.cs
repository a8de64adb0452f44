using Microsoft.Extensions.Logging;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.DeadLetters;

/// <summary>Log messages of redrives, 5200 to 5299. No payloads, no secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(5200, LogLevel.Information, "Redrive {Job} of flow {Flow} goes on after a restart")]
    public static partial void RedriveResumed(ILogger logger, string job, string flow);

    [LoggerMessage(5201, LogLevel.Warning, "Redrive {Job}: its figures could not be kept ({Code}); what it did is marked at each dead letter")]
    public static partial void RedriveNotKept(ILogger logger, string job, BrokerErrorCode code, Exception exception);
}

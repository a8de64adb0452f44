using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Api.Problems;

/// <summary>Event ids 4000 to 4099.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Error, "Request {TraceId} ({Method}) failed inside.")]
    public static partial void RequestFailed(ILogger logger, string traceId, string method, Exception failure);

    [LoggerMessage(4001, LogLevel.Debug, "The client of request {TraceId} went away.")]
    public static partial void ClientLeft(ILogger logger, string traceId);
}

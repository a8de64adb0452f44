using Microsoft.Extensions.Logging;
using Trunkline.Server.Sight.Logs;

namespace Trunkline.Server.Hosting;

/// <summary>Where a node logs.</summary>
/// <param name="Factory">Makes loggers.</param>
/// <param name="Book">Has the lines that wait to be kept.</param>
internal sealed record NodeLogs(ILoggerFactory Factory, LogBook Book);

using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Steps;

/// <summary>Log messages of the steps. The one that shows what a message may say is written only where the project asks for it.</summary>
internal static partial class Log
{
    [LoggerMessage(3100, LogLevel.Warning, "The program of step {Step} wrote to standard error: {Error}")]
    public static partial void ScriptSaid(ILogger logger, string step, string error);
}

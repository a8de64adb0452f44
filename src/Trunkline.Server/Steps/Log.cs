using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Steps;

/// <summary>Log messages of the steps. The one that shows what a message may say is written only where the project asks for it.</summary>
internal static partial class Log
{
    /// <summary>What programs say, which may be what messages say: for the console only, neither kept nor sent on.</summary>
    public const string Programs = "Trunkline.Programs";

    [LoggerMessage(3100, LogLevel.Warning, "The program of step {Step} wrote to standard error: {Error}")]
    public static partial void ScriptSaid(ILogger logger, string step, string error);
}

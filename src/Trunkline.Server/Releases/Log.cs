using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Releases;

/// <summary>Event ids 5000 to 5099.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Information, "Revision {Revision} is in force instead of {Before}: {Entries} differences, by {Who}.")]
    public static partial void InForce(ILogger logger, int revision, int before, int entries, string who);

    [LoggerMessage(5001, LogLevel.Error, "Revision {Revision} could not be put to work; revision {Before} goes on.")]
    public static partial void ActivationFailed(ILogger logger, int revision, int before, Exception failure);

    [LoggerMessage(5002, LogLevel.Error, "Revision {Revision} was put to work but could not be recorded; going back to {Before}.")]
    public static partial void RecordFailed(ILogger logger, int revision, int before, Exception failure);

    [LoggerMessage(5003, LogLevel.Warning, "The changed project file takes effect although: {Refusal}")]
    public static partial void TakenAtStart(ILogger logger, string refusal);

    [LoggerMessage(5004, LogLevel.Information, "The project file is as it was at the last start; revision {Revision}, applied since, stays in force.")]
    public static partial void AppliedRevisionStays(ILogger logger, int revision);
}

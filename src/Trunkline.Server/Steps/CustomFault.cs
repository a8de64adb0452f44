using System.Diagnostics;
using System.Globalization;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Steps;

/// <summary>Turns what the host's own code threw into a fault. Only texts meant for operators are told; others may hold payloads.</summary>
internal static class CustomFault
{
    /// <summary>The code of a failure in the host's own code.</summary>
    public const string Code = "step.custom-failed";

    public static StepFault Of(Exception exception, string step, string what) => exception switch
    {
        StepFailedException told => new StepFault(
            Code, step, told.Message, told.Retryable ? FaultClass.Retryable : FaultClass.Terminal, told.RetryAfter)
        {
            Exception = (told.InnerException ?? told).GetType().FullName,
        },
        EffectMissingException missing => new StepFault(EffectMissingException.Code, step, missing.Message, FaultClass.Terminal),
        _ => new StepFault(Code, step, $"The {what} threw {exception.GetType().Name}{Place(exception)}.", FaultClass.Retryable) { Exception = exception.GetType().FullName },
    };

    // The innermost frame with a source line is most likely the host's own; it holds no data of the message.
    private static string Place(Exception exception)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetFileName() is { } file)
            {
                return string.Create(CultureInfo.InvariantCulture, $" at {Path.GetFileName(file)}:{frame.GetFileLineNumber()}");
            }
        }

        return "";
    }
}

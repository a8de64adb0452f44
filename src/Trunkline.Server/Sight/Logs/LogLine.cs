using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Sight.Logs;

/// <summary>A line of a log, as it is kept: of the node itself never with a payload or a secret; of other services what they say.</summary>
/// <param name="At">When.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Category">Who says it.</param>
/// <param name="Text">What, at most <see cref="TextMax"/> characters.</param>
internal sealed record LogLine(DateTimeOffset At, LogLevel Level, string Category, string Text)
{
    /// <summary>Characters of a text at most.</summary>
    public const int TextMax = 4000;

    /// <summary>The flow it is of; null for none.</summary>
    public string? Flow { get; init; }

    /// <summary>The id of the message it is of; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>Stands for the key of that message; null for none.</summary>
    public string? KeyMark { get; init; }

    /// <summary>The trace it belongs to, 32 hex digits; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>The service that said it; null for this node.</summary>
    public string? Service { get; init; }

    /// <summary>Who owns the service, as it says; null if it does not. Whose a flow is, is looked up when asked.</summary>
    public string? Owner { get; init; }
}

/// <summary>How lines are stored: JSON, names in camel case. Levels are numbers and never change.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogJson : JsonSerializerContext;

using Trunkline.Server.Steps;

namespace Trunkline.Server.Connectors;

/// <summary>A far side did not take a message, on its way through the effect port. The text carries nothing the far side sent but its status.</summary>
internal sealed class SinkException(string code, string message, FaultClass kind, TimeSpan? retryAfter = null) : Exception(message)
{
    public string Code { get; } = code;

    public FaultClass Class { get; } = kind;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>What the answer comes to, thrown unless it is <see cref="SinkAnswer.Sent"/>.</summary>
    public static SinkException? Of(SinkAnswer answer) => answer switch
    {
        SinkAnswer.Later later => new SinkException(later.Code, later.Detail, FaultClass.Retryable, later.After),
        SinkAnswer.Refused refused => new SinkException(refused.Code, refused.Detail, FaultClass.Terminal),
        _ => null,
    };
}

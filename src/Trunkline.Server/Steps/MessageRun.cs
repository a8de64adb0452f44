using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>One message on its way through the steps of the project file. One lane, one thread at a time.</summary>
/// <param name="Effects">The way outside.</param>
/// <param name="Body">The lane's body, begun with this message.</param>
/// <param name="Keyed">What is remembered of the message's key; null if the flow remembers nothing.</param>
internal readonly record struct MessageRun(MessageEffects Effects, MessageBody Body, MessageState? Keyed)
{
    /// <summary>What came in.</summary>
    public PipelineInput Input => Effects.Input;

    /// <summary>What is remembered of the message's key.</summary>
    /// <exception cref="InvalidOperationException">The flow remembers nothing.</exception>
    public MessageState State => Keyed ?? throw new InvalidOperationException("the flow keeps no state");
}

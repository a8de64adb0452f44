using Trunkline.Server.Expressions;

namespace Trunkline.Server.Steps;

/// <summary>One message on its way through the steps of the project file. One lane, one thread at a time.</summary>
/// <param name="Effects">The way outside.</param>
/// <param name="Body">The lane's body, begun with this message.</param>
internal readonly record struct MessageRun(MessageEffects Effects, MessageBody Body)
{
    /// <summary>What came in.</summary>
    public PipelineInput Input => Effects.Input;
}

namespace Trunkline.Server.Steps;

/// <summary>A step's failure on its way to the pipeline, which turns it into a value. The text holds no payload and no secret.</summary>
internal sealed class StepException(StepFault fault, Exception? inner = null) : Exception(fault.Detail, inner)
{
    /// <summary>What the pipeline answers.</summary>
    public StepFault Fault { get; } = fault;
}

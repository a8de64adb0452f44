namespace Trunkline.Server.Steps;

/// <summary>
/// Sees messages pass the steps of a flow of the project file, without a part in what becomes of them. Lanes share it, so it must be
/// thread-safe unless there is one; it must not keep the run.
/// </summary>
internal interface IStepWatch
{
    /// <summary>A message begins.</summary>
    void Began(in PipelineInput input);

    /// <summary>A step is through with it; not called for a step that failed.</summary>
    /// <param name="run">The message, with the body as the step left it.</param>
    /// <param name="step">The step's name.</param>
    /// <param name="goesOn">False if the step ended it, filtered.</param>
    void Passed(MessageRun run, string step, bool goesOn);

    /// <summary>All steps are through, or one failed.</summary>
    void Ended(in PipelineInput input, PipelineResult result);
}

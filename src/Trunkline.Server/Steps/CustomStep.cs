namespace Trunkline.Server.Steps;

/// <summary>
/// A step in the host's own code, named in a project file by <c>use: name</c>. It gets the body as JSON and gives the new body as
/// JSON, or null to end the message here, filtered. It must be thread-safe, must not keep the context, and should reach the
/// outside only through <see cref="StepContext.InvokeAsync"/>. Throw <see cref="StepFailedException"/> to fail the message.
/// </summary>
/// <param name="body">The body as JSON in UTF-8.</param>
/// <param name="context">The message around it.</param>
/// <param name="cancellationToken">Ends the work; past it the lane is waiting for nothing else.</param>
public delegate ValueTask<ReadOnlyMemory<byte>?> CustomStep(ReadOnlyMemory<byte> body, StepContext context, CancellationToken cancellationToken);

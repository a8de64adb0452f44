namespace Trunkline.Server.Pacts.Matching;

/// <summary>Where something is not what a pact expects.</summary>
/// <param name="Where">The place, such as <c>body $.name</c>.</param>
/// <param name="What">What is wrong; values of what came are not repeated beyond their kind and a few characters.</param>
internal sealed record PactMismatch(string Where, string What);

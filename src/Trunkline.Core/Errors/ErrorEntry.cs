namespace Trunkline.Core.Errors;

/// <summary>An entry of the error catalogue.</summary>
/// <param name="Code">Stable for ever: <c>area.what</c> in lower case.</param>
/// <param name="Status">HTTP status when it answers a request.</param>
/// <param name="Text">What it means, one short sentence.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ErrorEntry(string Code, int Status, string Text, string Remedy);

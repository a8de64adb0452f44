namespace Trunkline.Server.Releases.Comparison;

/// <summary>Two projects have nothing to compare.</summary>
internal sealed class ComparisonException(string message) : Exception(message);

namespace Trunkline.Server.Api.Problems;

/// <summary>Media types of problems.</summary>
internal static class ProblemTypes
{
    public const string Json = "application/problem+json";
}

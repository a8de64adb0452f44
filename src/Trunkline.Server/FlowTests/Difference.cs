using Trunkline.Core.Config;

namespace Trunkline.Server.FlowTests;

/// <summary>Something that is not as written.</summary>
/// <param name="Where">Where it is written.</param>
/// <param name="What">What it is about.</param>
/// <param name="Expected">What was expected.</param>
/// <param name="Got">What came.</param>
internal sealed record Difference(SourceLocation Where, string What, string Expected, string Got)
{
    /// <summary>As reported.</summary>
    public FlowTestFailure Failure() => new(Where.File, Where.Line, What, Expected, Got);
}

using Trunkline.Core.Config;

namespace Trunkline.Server.Releases;

/// <summary>What became of a release: a closed family.</summary>
internal abstract record ReleaseOutcome
{
    private ReleaseOutcome()
    {
    }

    /// <summary>Only planned, as asked.</summary>
    internal sealed record Planned(int From, ReleasePlan Plan) : ReleaseOutcome;

    /// <summary>Another revision is in force.</summary>
    internal sealed record Done(int From, int To, ReleasePlan Plan) : ReleaseOutcome;

    /// <summary>It is what runs already.</summary>
    internal sealed record Unchanged(int Revision) : ReleaseOutcome;

    /// <summary>The project has faults; nothing changed.</summary>
    internal sealed record Faulty(IReadOnlyList<Fault> Faults) : ReleaseOutcome;

    /// <summary>The plan says what speaks against it; nothing changed.</summary>
    internal sealed record Refused(int From, ReleasePlan Plan) : ReleaseOutcome;

    /// <summary>Another revision is in force than the caller expected; nothing changed.</summary>
    internal sealed record Conflict(int Current) : ReleaseOutcome;

    /// <summary>There is no such revision.</summary>
    internal sealed record NotFound(int Number) : ReleaseOutcome;

    /// <summary>The revision was made in code, so that only its host can bring it back.</summary>
    internal sealed record MadeInCode : ReleaseOutcome;

    /// <summary>It could not be put to work; what ran before goes on.</summary>
    internal sealed record Failed(string Reason) : ReleaseOutcome;
}

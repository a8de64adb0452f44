namespace Trunkline.Server.FlowTests;

/// <summary>What a run of tests gave.</summary>
/// <param name="Passed">Tests that passed.</param>
/// <param name="Failed">Tests that failed.</param>
/// <param name="Tests">Each test, in the order run.</param>
/// <param name="Coverage">What ran of the flows tested.</param>
public sealed record FlowTestReport(int Passed, int Failed, IReadOnlyList<FlowTestView> Tests, IReadOnlyList<FlowCoverageView> Coverage);

/// <summary>One test.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Flow">The flow it tests.</param>
/// <param name="File">Where it is written.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Passed">Whether all came as expected.</param>
/// <param name="DurationMs">How long it took, in milliseconds of this machine.</param>
/// <param name="FlowTimeMs">How long it would have taken: milliseconds of the flow's clock, retries waited for.</param>
/// <param name="Failures">What did not come as expected; empty if it passed.</param>
public sealed record FlowTestView(
    string Name, string Flow, string File, int Line, bool Passed, double DurationMs, double FlowTimeMs, IReadOnlyList<FlowTestFailure> Failures);

/// <summary>Something that did not come as expected.</summary>
/// <param name="File">Where the expectation is written.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What it is about: the sink, the message, the field.</param>
/// <param name="Expected">What was expected.</param>
/// <param name="Got">What came.</param>
public sealed record FlowTestFailure(string File, int Line, string Message, string Expected, string Got);

/// <summary>What ran of a flow.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Steps">Its steps, in order.</param>
/// <param name="Branches">Its branches, in order.</param>
public sealed record FlowCoverageView(string Flow, IReadOnlyList<CoveredView> Steps, IReadOnlyList<CoveredView> Branches);

/// <summary>A step or branch.</summary>
/// <param name="Name">Its name; a branch with its condition.</param>
/// <param name="File">Where it is written.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Runs">How often it ran; 0 is never.</param>
public sealed record CoveredView(string Name, string File, int Line, int Runs);

namespace Trunkline.Client.Api;

/// <summary>What alerts on SLOs would have done in a past time.</summary>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
/// <param name="Slos">By flow, those of tenants after their flow's.</param>
public sealed record SloTestList(DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<SloTestView> Slos);

/// <summary>What the alert on an SLO would have done.</summary>
/// <param name="Name">The SLO.</param>
/// <param name="Flow">Its flow.</param>
/// <param name="Tenant">Whose; null for all.</param>
/// <param name="Target">The share that had to be good, 0 to 1.</param>
/// <param name="WindowDays">Over so many days.</param>
/// <param name="Least">Messages a rule is judged by at least.</param>
/// <param name="Due">Messages that were due in the time.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Firings">When it would have been on, the first first.</param>
/// <param name="Precision">The share of firings that spent as much of the budget as their rule is about; null without any.</param>
/// <param name="SpentSilently">Share of the window's budget that was spent without an alert.</param>
public sealed record SloTestView(
    string Name, string Flow, string? Tenant, double Target, double WindowDays, int Least, long Due, long Bad, IReadOnlyList<SloFiringView> Firings, double? Precision, double SpentSilently);

/// <summary>A time an alert would have been on.</summary>
/// <param name="From">From when.</param>
/// <param name="Until">Until when; null if it is on still.</param>
/// <param name="Began">When the first message was not good that it is of.</param>
/// <param name="Severity"><c>page</c> or <c>ticket</c>.</param>
/// <param name="LongMinutes">The long window of the rule that fired first.</param>
/// <param name="Factor">Its factor.</param>
/// <param name="Due">Messages that were due from its beginning to its end.</param>
/// <param name="Bad">Those that were not good.</param>
/// <param name="Spent">Share of the window's budget they used.</param>
/// <param name="IsRight">Whether that is as much as the rule is about.</param>
public sealed record SloFiringView(DateTimeOffset From, DateTimeOffset? Until, DateTimeOffset Began, string Severity, double LongMinutes, double Factor, long Due, long Bad, double Spent, bool IsRight);

/// <summary>Numbers of an SLO to try; null for that in force.</summary>
/// <param name="Target">The share that has to be good, such as <c>99.5%</c>.</param>
/// <param name="Window">The rolling window, such as <c>7d</c>.</param>
/// <param name="Least">Messages a rule is judged by at least.</param>
public sealed record SloTrialNumbers(string? Target, string? Window, int? Least);

using Trunkline.Server.Configuration;
using Trunkline.Server.Flows;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>All that is known of a flow when somebody asks why it is slow or fails.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Snapshot">How it stands; null if it does not run.</param>
/// <param name="Whole">The last minutes, beside the day before them.</param>
/// <param name="Moment">The last moment, beside all before it: what began just now shows here first.</param>
/// <param name="Seen">Messages of the last minutes, and of the time before.</param>
internal sealed record WhyFacts(FlowConfig Flow, FlowSnapshot? Snapshot, WhyLook Whole, WhyLook Moment, SeenMessages Seen);

/// <summary>A flow over a time, beside the time before.</summary>
/// <param name="From">From when on it is looked at.</param>
/// <param name="Now">What was measured then.</param>
/// <param name="Usual">What was measured before; null if nothing is known of it.</param>
/// <param name="UsualFrom">From when on that is.</param>
internal sealed record WhyLook(DateTimeOffset From, HopSide Now, HopSide? Usual, DateTimeOffset UsualFrom);

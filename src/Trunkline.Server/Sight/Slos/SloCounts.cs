using Trunkline.Server.Configuration;
using Trunkline.Server.Outcomes;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Sight.Slos;

/// <summary>
/// Messages that were due, and those that were not good. A message counts when its flow is done with it; what its sinks tell later counts when they
/// tell it, so that the past never changes. Sums of short times may therefore hold bad messages without due ones.
/// </summary>
/// <param name="Due">Messages that were to be delivered.</param>
/// <param name="NotDelivered">Not delivered.</param>
/// <param name="NotInTime">Not delivered, or late.</param>
/// <param name="Faulty">With any fault.</param>
internal readonly record struct SloCounts(long Due, long NotDelivered, long NotInTime, long Faulty)
{
    public static SloCounts operator +(SloCounts a, SloCounts b) =>
        new(a.Due + b.Due, a.NotDelivered + b.NotDelivered, a.NotInTime + b.NotInTime, a.Faulty + b.Faulty);

    /// <summary>One message with its faults, counted or taken back.</summary>
    public static SloCounts Of(FidelityFault faults, int by) => new(
        by,
        (faults & FidelityFault.NotDelivered) == 0 ? 0 : by,
        (faults & (FidelityFault.NotDelivered | FidelityFault.Late)) == 0 ? 0 : by,
        faults == FidelityFault.None ? 0 : by);

    /// <summary>As it is kept.</summary>
    public FigureValue Value => FigureValue.Of(Due, NotDelivered, NotInTime, Faulty);

    /// <summary>What is kept.</summary>
    public static SloCounts Of(FigureValue value) => value.Counts is [var due, var notDelivered, var notInTime, var faulty, ..] ? new(due, notDelivered, notInTime, faulty) : default;

    /// <summary>What was not good by a measure; none below zero, and none above what was due where that is known.</summary>
    public long Bad(SloMeasure measure) => Math.Max(0, measure switch
    {
        SloMeasure.Latency => NotInTime,
        SloMeasure.Success => NotDelivered,
        _ => Faulty,
    });
}

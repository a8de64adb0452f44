using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Puts the SLOs of OpenSLO files to the flows they are about.</summary>
internal static class OpenSloReader
{
    /// <summary>The flows, with what the files promise of them.</summary>
    public static IReadOnlyDictionary<string, FlowConfig> Add(Dictionary<string, FlowConfig> flows, IEnumerable<ObjectValues> files, FaultList faults)
    {
        var names = flows.Values.SelectMany(f => f.Slo?.Objectives ?? []).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files)
        {
            Add(file, flows, names, faults);
        }

        return flows;
    }

    private static void Add(ObjectValues file, Dictionary<string, FlowConfig> flows, HashSet<string> names, FaultList faults)
    {
        var name = file.Get(OpenSloGrammar.Metadata)?.Get(OpenSloGrammar.Name);
        var spec = file.Get(OpenSloGrammar.Spec);
        var indicator = spec?.Get(OpenSloGrammar.Indicator)?.Get(OpenSloGrammar.IndicatorSpec);
        var threshold = indicator?.Get(OpenSloGrammar.Threshold);
        var query = Query(threshold ?? indicator?.Get(OpenSloGrammar.Ratio)?.Get(OpenSloGrammar.Good));
        if (name is null || spec is null || query?.Get(OpenSloGrammar.Flow) is not { } flowName || spec.Get(OpenSloGrammar.TimeWindow) is not [{ Value: var window }])
        {
            return; // What is missing is reported already.
        }

        if (!flows.TryGetValue(flowName, out var flow))
        {
            faults.Add(
                query.WhereOf(OpenSloGrammar.Flow), FaultCodes.MissingFlow, $"There is no flow '{Printable.Show(flowName)}'.", Suggestion.Remedy(flowName, flows.Keys, "Name a flow of the project."));
            return;
        }

        if (Query(indicator!.Get(OpenSloGrammar.Ratio)?.Get(OpenSloGrammar.Total)) is { } total && total.Get(OpenSloGrammar.Flow) is { } other && other != flowName)
        {
            faults.Add(total.WhereOf(OpenSloGrammar.Flow), FaultCodes.KeyConflict, $"'good' counts messages of '{flowName}' and 'total' those of '{Printable.Show(other)}'.", "Name the same flow in both.");
        }

        if (spec.Get(OpenSloGrammar.AlertPolicies) is not (null or AnyScalar { Value: null } or AnyList { Items.Count: 0 }))
        {
            faults.Add(spec.WhereOf(OpenSloGrammar.AlertPolicies), FaultCodes.NotYet, $"'alertPolicies' of {spec.Path} is planned, but not in this version yet.", "Leave it empty: alerts follow Trunkline's own burn rates.");
        }

        var slo = flow.Slo ?? new SloConfig(spec.Where);
        var calendar = Calendar(window, faults);
        foreach (var (objective, number) in (spec.Get(OpenSloGrammar.Objectives) ?? []).Select((o, i) => (o.Value, i + 1)))
        {
            var own = number == 1 ? name : FormattableString.Invariant($"{name}-{number}");
            if (!names.Add(own))
            {
                faults.Add(file.Where, FaultCodes.DuplicateName, $"The SLO '{Printable.Show(own)}' is defined twice.", "Give one of them another name.");
            }

            slo = threshold is null ? slo : slo with { Within = Bound(slo, objective, flowName, faults) };
            slo = slo with
            {
                Objectives =
                [
                    .. slo.Objectives,
                    new SloObjective(own, threshold is null ? query.Get(OpenSloGrammar.Measure, SloMeasure.Success) : SloMeasure.Latency, TargetOf(objective), window.Get(OpenSloGrammar.Duration).Length)
                    {
                        Description = spec.Get(OpenSloGrammar.Description),
                        Slices = Slices(spec, objective, faults),
                        Calendar = calendar,
                    },
                ],
            };
        }

        flows[flowName] = flow with { Slo = slo };
    }

    /// <summary>A rolling window has a length that is always the same; one of the calendar a beginning.</summary>
    private static SloCalendar? Calendar(ObjectValues window, FaultList faults)
    {
        var span = window.Get(OpenSloGrammar.Duration);
        if (window.Get(OpenSloGrammar.IsRolling, true))
        {
            if (span.Months > 0)
            {
                faults.Add(window.WhereOf(OpenSloGrammar.Duration), FaultCodes.BadDuration, $"{window.Path}.duration is of months, and they differ in length.", "Write days or weeks, such as 28d or 4w.");
            }

            return null;
        }

        if (window.Get(OpenSloGrammar.Calendar) is not { } calendar)
        {
            faults.Add(window.WhereOf(OpenSloGrammar.IsRolling), FaultCodes.MissingKey, $"{window.Path} does not roll, and has no 'calendar'.", "Add calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC }.");
            return null;
        }

        return calendar.Get(OpenSloGrammar.TimeZone) is { } zone ? new SloCalendar(calendar.Get(OpenSloGrammar.StartTime), zone, span.Days, span.Months) : null;
    }

    private static SloSlices? Slices(ObjectValues spec, ObjectValues objective, FaultList faults)
    {
        var method = spec.Get(OpenSloGrammar.Method);
        if (method is null or OpenSloGrammar.Occurrences)
        {
            return null;
        }

        if (method == OpenSloGrammar.Timeslices && !objective.Has(OpenSloGrammar.SliceTarget))
        {
            faults.Add(objective.Where, FaultCodes.MissingKey, $"{objective.Path} has no 'timeSliceTarget'.", "Add timeSliceTarget: the share of a slice's messages that has to be good.");
        }

        return new SloSlices(
            objective.Get(OpenSloGrammar.SliceWindow, TimeSpan.FromMinutes(1)), method == OpenSloGrammar.Timeslices ? objective.Get(OpenSloGrammar.SliceTarget, 1) : null);
    }

    /// <summary>A flow has one bound: outcomes are written with it.</summary>
    private static TimeSpan? Bound(SloConfig slo, ObjectValues objective, string flow, FaultList faults)
    {
        if (!objective.Has(OpenSloGrammar.Value))
        {
            faults.Add(objective.Where, FaultCodes.MissingKey, $"{objective.Path} has no 'value'.", "Add value: the bound in seconds.");
            return slo.Within;
        }

        var value = objective.Get(OpenSloGrammar.Value);
        if (slo.Within is { } bound && bound != value)
        {
            faults.Add(
                objective.WhereOf(OpenSloGrammar.Value),
                FaultCodes.KeyConflict,
                $"The flow '{flow}' has the bound {DurationText.Format(bound)} already; this is {DurationText.Format(value)}.",
                "Use one bound for all SLOs of a flow.");
            return bound;
        }

        return value;
    }

    private static double TargetOf(ObjectValues objective) => objective.Has(OpenSloGrammar.Target) ? objective.Get(OpenSloGrammar.Target) : objective.Get(OpenSloGrammar.TargetPercent);

    private static ObjectValues? Query(ObjectValues? metric) => metric?.Get(OpenSloGrammar.MetricSource)?.Get(OpenSloGrammar.SourceSpec);
}

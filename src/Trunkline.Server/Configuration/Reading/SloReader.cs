using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the <c>slo</c> of a flow.</summary>
internal static class SloReader
{
    private const double LatencyDefault = 0.99;

    public static SloConfig Read(string flow, ObjectValues values, FaultList faults)
    {
        var shares = new (GrammarKey<double> Key, SloMeasure Measure)[] { (SloGrammar.Latency, SloMeasure.Latency), (SloGrammar.Success, SloMeasure.Success), (SloGrammar.Fidelity, SloMeasure.Fidelity) };
        var window = values.Get(SloGrammar.Window, SloObjective.WindowDefault);
        var hasWithin = values.Has(SloGrammar.Within);
        var objectives = shares.Where(s => values.Has(s.Key)).Select(s => new SloObjective(NameOf(flow, s.Measure), s.Measure, values.Get(s.Key), window)).ToList();
        if (objectives.Count == 0 && hasWithin)
        {
            objectives.Add(new SloObjective(NameOf(flow, SloMeasure.Latency), SloMeasure.Latency, LatencyDefault, window));
        }

        if (objectives.Count == 0)
        {
            faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} promises nothing.", "Add within, success or fidelity.");
        }
        else if (values.Has(SloGrammar.Latency) && !hasWithin)
        {
            faults.Add(values.WhereOf(SloGrammar.Latency), FaultCodes.MissingKey, $"{values.Path} has 'latency', but no 'within'.", "Add within: the longest a message may take.");
        }

        var defaults = new SloConfig(hasWithin ? values.WhereOf(SloGrammar.Within) : values.Where);
        return defaults with
        {
            Within = hasWithin ? values.Get(SloGrammar.Within) : null,
            Objectives = objectives,
            PerTenant = values.Get(SloGrammar.PerTenant, defaults.PerTenant),
            Least = values.Get(SloGrammar.Least, defaults.Least),
            QuietMax = values.Has(SloGrammar.QuietMax) ? values.Get(SloGrammar.QuietMax) : null,
        };
    }

    private static string NameOf(string flow, SloMeasure measure) => $"{flow}.{measure.ToString().ToLowerInvariant()}";
}

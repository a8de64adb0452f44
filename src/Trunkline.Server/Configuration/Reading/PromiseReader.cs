using Trunkline.Core.Config;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the <c>promises</c> section.</summary>
internal static class PromiseReader
{
    public static IReadOnlyDictionary<string, PromiseConfig> Read(Sections sections) => sections.Promises.Where(p => p.Value?.Get(PromiseGrammar.Slo) is not null).ToDictionary(
        p => p.Name,
        p => new PromiseConfig(p.Name, p.Value!.Get(PromiseGrammar.Slo)!, p.Where)
        {
            ToOwner = p.Value.Get(PromiseGrammar.To),
            ToTenant = p.Value.Get(PromiseGrammar.Tenant),
            Target = p.Value.Has(PromiseGrammar.Target) ? p.Value.Get(PromiseGrammar.Target) : null,
            Description = p.Value.Get(PromiseGrammar.Description),
        },
        StringComparer.Ordinal);

    /// <summary>What is promised must be there, and who it is promised to.</summary>
    public static void Check(ProjectConfig project, Sections sections, FaultList faults)
    {
        var slos = project.Flows.Values.SelectMany(f => f.Slo?.Objectives.Select(o => (o.Name, Flow: f)) ?? []).ToLookup(o => o.Name, o => o.Flow, StringComparer.Ordinal);
        foreach (var (named, promise) in sections.Promises.Where(p => project.Promises.ContainsKey(p.Name)).Select(p => (p.Value!, project.Promises[p.Name])))
        {
            var flow = slos[promise.Slo].FirstOrDefault();
            if (flow?.Slo!.Objectives.First(o => o.Name == promise.Slo).Slices is not null)
            {
                faults.Add(named.WhereOf(PromiseGrammar.Slo), FaultCodes.KeyConflict, $"'{Printable.Show(promise.Slo)}' counts slices of time; promises are kept by messages.", "Promise an SLO that counts messages.");
            }

            if (flow is null)
            {
                faults.Add(
                    named.WhereOf(PromiseGrammar.Slo), FaultCodes.MissingSlo, $"There is no SLO '{Printable.Show(promise.Slo)}'.",
                    Suggestion.Remedy(promise.Slo, slos.Select(s => s.Key), "Name an SLO of a flow, such as 'triage.latency'."));
            }

            if (promise.ToOwner is { } owner && !project.Owners.ContainsKey(owner))
            {
                faults.Add(
                    named.WhereOf(PromiseGrammar.To), FaultCodes.MissingOwner, $"There is no owner '{Printable.Show(owner)}'.",
                    Suggestion.Remedy(owner, project.Owners.Keys, "Define it under 'owners', or use one that is defined."));
            }
            else if (flow is { Owner: null } || (flow is not null && flow.Owner == promise.ToOwner))
            {
                faults.Add(
                    named.WhereOf(PromiseGrammar.Slo), FaultCodes.KeyConflict,
                    flow.Owner is null ? $"The flow '{flow.Name}' has no owner, so nobody promises '{promise.Name}'." : $"'{promise.Name}' is promised by '{flow.Owner}' to itself.",
                    flow.Owner is null ? "Give the flow an owner." : "Promise it to another owner, or to a tenant.");
            }
        }
    }
}

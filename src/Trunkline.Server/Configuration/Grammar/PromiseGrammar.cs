using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The <c>promises</c> section.</summary>
internal static class PromiseGrammar
{
    private const int TenantMax = 200;

    public static readonly GrammarKey<string> Slo = new("slo", Scalars.Text, "The SLO of a flow that is promised: `triage.latency`, or what an OpenSLO file calls it. The flow's owner is who promises.") { Required = true };
    public static readonly GrammarKey<string> To = new("to", Values.Name, "The owner it is promised to.");

    public static readonly GrammarKey<string> Tenant = new(
        "tenant",
        Scalars.Checked("tenant", FaultCodes.BadValue, text => text.Length is > 0 and <= TenantMax && !text.Any(char.IsControl) ? null : $"a tenant of 1 to {TenantMax} characters"),
        "The tenant it is promised to: only its messages count, from the first start with the promise on.");

    public static readonly GrammarKey<double> Target = new("target", SloGrammar.Target, "The share that has to be good in a calendar month (UTC).") { Default = "that of the SLO" };
    public static readonly GrammarKey<string> Description = new("description", Scalars.Text, "What it is for.");

    public static readonly ObjectType Type = new("promise", "An SLO a team owes another, or a tenant. Exactly one of `to` and `tenant`.", Slo, To, Tenant, Target, Description) { OneOf = [To, Tenant] };

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Promises = new(
        "promises", new MapType<ObjectValues>("promise", Names.Problem, Names.Pattern, Type), "What teams owe each other and tenants, by name; `trunkline promises` reports it by month.");
}

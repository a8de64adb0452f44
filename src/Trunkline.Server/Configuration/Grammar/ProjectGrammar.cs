using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>A project file: the one description that the reader, the JSON Schema and the reference page are made from.</summary>
internal static class ProjectGrammar
{
    public static readonly GrammarKey<string> Email = new("email", Scalars.Text, "Mail address.");
    public static readonly GrammarKey<string> Chat = new("chat", Scalars.Text, "Chat channel, such as `#support-ai`.");

    public static readonly ObjectType Owner = new(
        "owner",
        "Who answers for something.",
        Email,
        Chat,
        AlertGrammar.Runbook,
        AlertGrammar.OwnerAlerts,
        AlertGrammar.OwnerLimits);

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Include = new(
        IncludeLoader.IncludeKey,
        new ListType<string>(Scalars.Text) { AllowSingle = true, ItemsMax = 256 },
        "More files, relative to this one and inside the project's folder; `*`, `?` and `**` match, but never `*.tests.yaml`: those are for `trunkline test`. Variables are not put in here. A file that begins with `apiVersion: openslo/v1` is read as an SLO of OpenSLO.");

    public static readonly GrammarKey<ObjectValues> Node = new("node", NodeGrammar.Type, "The node's own settings.");

    public static readonly GrammarKey<ObjectValues> Policies = new("policies", PolicyGrammar.Type, "What the project holds itself to.");

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Owners = new(
        "owners", new MapType<ObjectValues>("owner", Names.Problem, Names.Pattern, Owner), "Owners by name.");

    // Topic names break the rules in two ways, which are two faults: the reader checks them.
    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Topics = new(
        "topics", new MapType<ObjectValues>("topic", _ => null, Names.TopicPattern, TopicGrammar.Type), "Topics by name.");

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Models = new(
        "models", new MapType<ObjectValues>("model", Names.Problem, Names.Pattern, ModelGrammar.Type), "Models by name.");

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Flows = new(
        "flows", new MapType<ObjectValues>("flow", Names.FlowProblem, Names.Pattern, FlowGrammar.Type), "Flows by name.");

    public static readonly ObjectType Type = new(
        "project",
        "A Trunkline project.",
        [
            Include, Node, Policies, Owners, Topics, Models, Flows, PromiseGrammar.Promises, AlertGrammar.Alerts,
            .. Later("contracts", "schemas", "registry", "slos", "slo", "releases", "gateway", "routes", "tenants", "drills"),
            .. Later("budgets", "limits", "channels", "connectors", "measures", "environments", "telemetry", "tests", "templates", "state"),
        ]);

    private static IEnumerable<GrammarKey> Later(params IEnumerable<string> names) =>
        names.Select(name => new GrammarKey<string>(name, Scalars.Text, "Brought by a later version.") { NotYet = true });
}

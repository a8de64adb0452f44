using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Trunkline.Architecture.Tests.Direction;

/// <summary>
/// Which folder inside Trunkline.Server may use which. A folder that is not named here, or a name without types, fails: a rule
/// about an empty layer would hold for ever and guard nothing.
/// </summary>
public sealed class ServerFolderTests
{
    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Templates"] = [],
        ["Configuration"] = ["Templates"],
        ["Effects"] = ["Configuration"],
        ["Expressions"] = [],
        ["Topics"] = [],
        ["Schemas"] = ["Expressions", "Topics"],
        ["Pacts"] = ["Topics", "Schemas"],
        ["Inference"] = ["Configuration", "Effects", "Expressions", "Schemas"],
        ["State"] = [],
        ["Steps"] = ["Templates", "Configuration", "Effects", "Expressions", "Schemas", "Inference", "State"],
        ["Outcomes"] = ["Configuration", "Effects", "Steps"],
        ["Connectors"] = ["Templates", "Configuration", "Effects", "Expressions", "Inference", "Steps", "Outcomes"],
        ["Faults"] = ["Configuration", "Effects", "Inference", "Steps", "Connectors"],
        ["Taps"] = ["Configuration", "Effects", "Expressions", "Inference", "State", "Steps"],
        ["Flows"] = ["Configuration", "Schemas", "Effects", "Inference", "State", "Steps", "Connectors", "Outcomes"],
        ["Quality"] = ["Effects", "Outcomes", "Flows"],
        ["FlowTests"] = ["Configuration", "Effects", "Expressions", "Inference", "State", "Steps", "Connectors", "Faults", "Flows"],
        ["Releases"] = ["Topics", "Configuration", "Effects", "Inference", "State", "Steps", "Connectors", "Flows"],
        ["Readers"] = ["Templates", "Topics", "Configuration", "Expressions", "Schemas", "Releases"],
        ["Traffic"] = ["Topics", "Configuration", "Schemas", "Quality"],
        ["Catalog"] = ["Configuration", "Schemas", "Readers", "Traffic"],
        ["DeadLetters"] = ["Topics", "Configuration", "Effects", "State", "Steps", "Connectors", "Outcomes", "Flows", "Releases"],
        ["Erasure"] = ["Topics", "State", "Steps", "Outcomes", "Flows", "Releases"],
        ["Replays"] = ["Topics", "Configuration", "Effects", "Inference", "Steps", "Connectors", "Flows", "Releases"],
        ["Sight"] = ["Topics", "Traffic", "Configuration", "Effects", "Steps", "Connectors", "Outcomes", "Flows", "Releases"],
        ["Api"] = ["Schemas", "Pacts", "Readers", "Traffic", "Catalog", "Sight", "Configuration", "Effects", "Inference", "State", "Steps", "Connectors", "Outcomes", "Faults", "Taps", "Flows", "Quality", "Releases", "DeadLetters", "Erasure", "Replays", "Hosting"],
        ["Hosting"] = ["Schemas", "Pacts", "Readers", "Traffic", "Catalog", "Sight", "Configuration", "Effects", "Expressions", "Inference", "Steps", "Connectors", "Outcomes", "Faults", "Taps", "Flows", "Quality", "Releases", "DeadLetters", "Erasure", "Replays", "Api"],
    };

    private static readonly ArchUnitNET.Domain.Architecture Server =
        new ArchLoader().LoadAssemblies(System.Reflection.Assembly.Load("Trunkline.Server")).Build();

    private static IEnumerable<string> Folders =>
        Directory.GetDirectories(Repository.In("src/Trunkline.Server")).Select(path => Path.GetFileName(path)!)
            .Where(name => name is not ("obj" or "bin") && Repository.SourceFiles($"src/Trunkline.Server/{name}").Any());

    [Fact]
    public void Every_folder_of_the_server_has_its_rule() => Assert.Subset(MayUse.Keys.ToHashSet(), Folders.ToHashSet());

    [Fact]
    public void No_named_folder_is_empty_of_types()
    {
        foreach (var folder in Folders)
        {
            Assert.True(Layer(folder).GetObjects(Server).Any(), $"no type resides in Trunkline.Server.{folder}: the rules about it guard nothing");
        }
    }

    [Fact]
    public void Folders_of_the_server_use_only_what_lies_below_them()
    {
        var findings = new Findings();
        foreach (var folder in Folders)
        {
            foreach (var forbidden in Folders.Where(other => other != folder && !MayUse[folder].Contains(other)))
            {
                var rule = Types().That().Are(Layer(folder)).Should().NotDependOnAny(Layer(forbidden));
                foreach (var result in rule.Evaluate(Server).Where(result => !result.Passed))
                {
                    findings.Add($"{folder} must not use {forbidden}", result.Description);
                }
            }
        }

        findings.AssertNone();
    }

    private static IObjectProvider<IType> Layer(string folder) =>
        Types().That().ResideInNamespaceMatching($@"^Trunkline\.Server\.{folder}(\..*)?$").As(folder);
}

using System.Xml.Linq;

namespace Trunkline.Architecture.Tests.Direction;

/// <summary>Which project may reference which. Assemblies hold these borders at compile time; this holds the list itself.</summary>
public sealed class ProjectDirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Trunkline.Messaging"] = [],
        ["Trunkline.Client"] = [],
        ["Trunkline.Mail"] = [],
        ["Trunkline.Core"] = ["Trunkline.Messaging"],
        ["Trunkline.Models"] = ["Trunkline.Messaging"],
        ["Trunkline.Brokers.Embedded"] = ["Trunkline.Messaging"],
        ["Trunkline.Dashboard"] = ["Trunkline.Client"],
        ["Trunkline.Server"] =
            ["Trunkline.Core", "Trunkline.Models", "Trunkline.Messaging", "Trunkline.Client", "Trunkline.Mail", "Trunkline.Brokers.Embedded"],
        ["Trunkline.Testing"] =
            ["Trunkline.Server", "Trunkline.Messaging", "Trunkline.Core", "Trunkline.Client", "Trunkline.Brokers.Embedded", "Trunkline.Models"],
        ["Trunkline.Cli"] =
        [
            "Trunkline.Server", "Trunkline.Dashboard", "Trunkline.Client", "Trunkline.Core", "Trunkline.Messaging", "Trunkline.Models",
            "Trunkline.Mail", "Trunkline.Brokers.Embedded",
        ],
    };

    /// <summary>Packages some projects must never get, directly: the port and the client stay free of everything.</summary>
    private static readonly string[] WithoutPackages = ["Trunkline.Messaging", "Trunkline.Client"];

    [Fact]
    public void Every_project_below_src_is_named_here()
    {
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Repository.SourceProjects);
    }

    [Fact]
    public void Projects_reference_only_what_lies_below_them()
    {
        var findings = new Findings();
        foreach (var project in Repository.SourceProjects)
        {
            foreach (var reference in References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)))
            {
                if (!Allowed[project].Contains(reference))
                {
                    findings.Add($"src/{project}", $"references {reference}, which it must not know");
                }
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void The_port_and_the_client_use_the_base_class_library_only()
    {
        foreach (var project in WithoutPackages)
        {
            Assert.Empty(References(project, "PackageReference"));
            Assert.Empty(References(project, "FrameworkReference"));
        }
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Repository.In($"src/{project}/{project}.csproj")).Descendants(kind).Select(element => element.Attribute("Include")!.Value);
}

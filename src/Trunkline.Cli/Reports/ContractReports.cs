using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.FlowTests;
using Trunkline.Server.Readers;

namespace Trunkline.Cli.Reports;

/// <summary>A check of contracts as CI systems read it.</summary>
internal static class ContractReports
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Where JUnit XML goes.</summary>
    public static Option<string?> JUnitOption { get; } = new("--junit") { Description = "Also write the report as JUnit XML to this file.", HelpName = "path" };

    /// <summary>Where SARIF goes.</summary>
    public static Option<string?> SarifOption { get; } = new("--sarif") { Description = "Also write the report as SARIF 2.1 to this file.", HelpName = "path" };

    /// <summary>Writes the files that were asked for.</summary>
    public static async Task WriteAsync(ParseResult parsed, ContractsReport report, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(JUnitOption) is { } junit)
        {
            await File.WriteAllTextAsync(junit, JUnit(report), cancellationToken);
        }

        if (parsed.GetValue(SarifOption) is { } sarif)
        {
            await File.WriteAllTextAsync(sarif, Sarif(report), cancellationToken);
        }
    }

    /// <summary>JUnit XML: a suite per subject, a case per reader and one for the schema itself.</summary>
    public static string JUnit(ContractsReport report) => JUnitReport.Render("trunkline contracts check", report.Cases.Select(one =>
    {
        var findings = report.Findings.Where(found => found.Subject == one.Subject && found.Case == one.Name).ToList();
        return new JUnitCase(one.Subject, one.Name, one.Subject)
        {
            Failure = findings.Count == 0 ? null : new JUnitFailure("contract", findings[0].Message, string.Join("\n", findings.Select(found => $"{found.Code}: {found.Message}"))),
        };
    }));

    /// <summary>SARIF 2.1.0: a result per finding, at the schema's file.</summary>
    public static string Sarif(ContractsReport report) => new JsonObject
    {
        ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
        ["version"] = "2.1.0",
        ["runs"] = new JsonArray(new JsonObject
        {
            ["tool"] = new JsonObject
            {
                ["driver"] = new JsonObject
                {
                    ["name"] = "trunkline contracts check",
                    ["rules"] = new JsonArray([.. report.Findings.Select(one => one.Code).Distinct().Order(StringComparer.Ordinal).Select(code => new JsonObject { ["id"] = code })]),
                },
            },
            ["results"] = new JsonArray([.. report.Findings.Select(Result)]),
        }),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Result(ContractFinding finding) => new()
    {
        ["ruleId"] = finding.Code,
        ["level"] = "error",
        ["message"] = new JsonObject { ["text"] = finding.Message },
        ["locations"] = new JsonArray(new JsonObject
        {
            ["physicalLocation"] = new JsonObject
            {
                ["artifactLocation"] = new JsonObject { ["uri"] = Uri.EscapeDataString(finding.File).Replace("%2F", "/", StringComparison.Ordinal) },
                ["region"] = new JsonObject { ["startLine"] = 1 },
            },
        }),
    };
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Server.Releases;

namespace Trunkline.Server.Readers;

/// <summary>
/// What the changes tell about contracts: what runs where (deployments, with <c>APP@ENVIRONMENT</c> as their target and the version as what it came to), and who approved what.
/// </summary>
internal sealed class ContractRecords
{
    /// <summary>What a change has to be called to tell of a deployment.</summary>
    public const string DeploymentDeed = "deployment";

    /// <summary>What the change is called that holds an approval.</summary>
    public const string ApprovalDeed = "approve-contract";

    private const int PagesMax = 20;

    private readonly HashSet<(string Target, string Owner)> _approvals = [];
    private readonly Dictionary<(string App, string Environment), Deployment> _deployments = [];

    private ContractRecords()
    {
    }

    /// <summary>The newest deployments of an app, by environment.</summary>
    public IEnumerable<Deployment> Of(string app) => _deployments.Values.Where(one => one.App == app).OrderBy(one => one.Environment, StringComparer.Ordinal);

    /// <summary>True if an owner approved a schema for a subject.</summary>
    public bool IsApproved(string subject, string schema, string owner) => _approvals.Contains((TargetOf(subject, schema), owner));

    /// <summary>How an approval names a schema: by its subject and a hash of its text that does not look at blanks.</summary>
    public static string TargetOf(string subject, string schema)
    {
        var text = schema;
        try
        {
            text = JsonNode.Parse(schema, null, new JsonDocumentOptions { MaxDepth = 1000 })?.ToJsonString() ?? schema;
        }
        catch (JsonException)
        {
            // Of a format that is no JSON the text counts as it is.
        }

        return $"schema {subject} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";
    }

    /// <summary>Reads the last changes, as far as they are looked at.</summary>
    public static async Task<ContractRecords> ReadAsync(ChangeLog changes, CancellationToken cancellationToken)
    {
        var records = new ContractRecords();
        long? before = null;
        for (var page = 0; page < PagesMax; page++)
        {
            var read = await changes.ReadAsync(ChangeLog.PageMax, before, cancellationToken);
            foreach (var change in read.Changes)
            {
                records.Add(change);
            }

            before = read.Before;
            if (before is null)
            {
                break;
            }
        }

        return records;
    }

    private void Add(Change change)
    {
        if (change is { What: ApprovalDeed, To: { } owner })
        {
            _approvals.Add((change.Target, owner));
        }
        else if (change is { What: DeploymentDeed, To: { } version } && change.Target.LastIndexOf('@') is > 0 and var at && at < change.Target.Length - 1)
        {
            // Newest first: what is known already is newer.
            var (app, environment) = (change.Target[..at], change.Target[(at + 1)..]);
            _deployments.TryAdd((app, environment), new Deployment(app, environment, version, change.At));
        }
    }
}

/// <summary>A version of an app in an environment.</summary>
/// <param name="App">The app: a reader's name.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Version">The version.</param>
/// <param name="At">Since when.</param>
internal sealed record Deployment(string App, string Environment, string Version, DateTimeOffset At);

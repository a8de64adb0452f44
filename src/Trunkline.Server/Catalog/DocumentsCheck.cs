using System.Text.Json.Nodes;
using Trunkline.Server.Catalog.Comparing;
using Trunkline.Server.Readers;

namespace Trunkline.Server.Catalog;

/// <summary>What a change of a project, or of documents, breaks for those who keep to the documents, as a check of contracts tells it.</summary>
public static class DocumentsCheck
{
    /// <summary>Compares two documents.</summary>
    /// <param name="older">The document up to now.</param>
    /// <param name="newer">The document from now on.</param>
    /// <param name="file">What the newer one is called.</param>
    /// <param name="payloads">False to leave out what is said of payloads.</param>
    /// <returns>Null if one is OpenAPI and the other AsyncAPI.</returns>
    public static ContractsReport? Of(JsonObject older, JsonObject newer, string file, bool payloads = true)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(file);
        if (DocumentDiff.Of(older, newer, payloads) is not { } breaks)
        {
            return null;
        }

        var subject = older.ContainsKey("openapi") ? "OpenAPI" : "AsyncAPI";
        return new ContractsReport
        {
            Cases = [.. breaks.Select(one => new ContractCase(subject, one.Where)).Prepend(new ContractCase(subject, "document")).Distinct()],
            Findings = [.. breaks.Select(one => new ContractFinding { Code = one.Code, Subject = subject, Case = one.Where, File = file, Message = $"{one.Where}: {one.Message}" })],
        };
    }

    /// <summary>Two reports as one.</summary>
    /// <param name="some">The one.</param>
    /// <param name="more">The other.</param>
    public static ContractsReport Together(ContractsReport some, ContractsReport more)
    {
        ArgumentNullException.ThrowIfNull(some);
        ArgumentNullException.ThrowIfNull(more);
        return new ContractsReport { Cases = [.. some.Cases, .. more.Cases], Findings = [.. some.Findings, .. more.Findings] };
    }
}

using System.Globalization;
using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>The schema registry of one node: list, show, register, check, delete. Thread-safe. A refusal has the code <c>registry.</c> and its number.</summary>
public sealed class SchemaCalls
{
    private readonly NodeHttp _http;

    internal SchemaCalls(NodeHttp http) => _http = http;

    /// <summary>The newest version of every subject, or of those that begin with a text.</summary>
    /// <param name="prefix">How subjects begin; empty for all.</param>
    /// <param name="all">True for all versions.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<SchemaVersionView>> ListAsync(string prefix, bool all, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var path = $"/registry/schemas?latestOnly={(all ? "false" : "true")}&subjectPrefix={Uri.EscapeDataString(prefix)}";
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiJson.Default.IReadOnlyListSchemaVersionView, cancellationToken);
    }

    /// <summary>A version of a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="version">Its number; null for the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SchemaVersionView> ShowAsync(string subject, int? version, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Version(subject, version)), ApiJson.Default.SchemaVersionView, cancellationToken);

    /// <summary>Registers a schema; one that is there already is found.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="request">The schema.</param>
    /// <param name="cancellationToken">Ends the wait; the schema may be registered.</param>
    public Task<SchemaVersionView> RegisterAsync(string subject, SchemaRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{Of(subject)}/versions", request, (ApiJson.Default.SchemaRequest, ApiJson.Default.SchemaVersionView), cancellationToken);

    /// <summary>Whether a schema could be registered; stores nothing.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="request">The schema.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CompatibilityView> CheckAsync(string subject, SchemaRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var path = $"/registry/compatibility/subjects/{Uri.EscapeDataString(subject)}/versions?verbose=true";
        return _http.PostAsync(path, request, (ApiJson.Default.SchemaRequest, ApiJson.Default.CompatibilityView), cancellationToken);
    }

    /// <summary>Deletes a subject; what was written with it stays readable by id, unless it is deleted for good.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="permanent">True to delete for good what was deleted before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The versions deleted.</returns>
    public Task<IReadOnlyList<int>> DeleteAsync(string subject, bool permanent, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, $"{Of(subject)}?permanent={(permanent ? "true" : "false")}"), ApiJson.Default.IReadOnlyListInt32, cancellationToken);

    /// <summary>Deletes one version of a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="version">Its number.</param>
    /// <param name="permanent">True to delete for good what was deleted before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version deleted.</returns>
    public Task<int> DeleteVersionAsync(string subject, int version, bool permanent, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, $"{Version(subject, version)}?permanent={(permanent ? "true" : "false")}"), ApiJson.Default.Int32, cancellationToken);

    private static string Version(string subject, int? version) => $"{Of(subject)}/versions/{version?.ToString(CultureInfo.InvariantCulture) ?? "latest"}";

    private static string Of(string subject)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return $"/registry/subjects/{Uri.EscapeDataString(subject)}";
    }
}

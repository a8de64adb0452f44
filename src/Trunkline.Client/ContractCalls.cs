using Trunkline.Client.Api;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>Who reads what, and what a schema would break. Thread-safe.</summary>
public sealed class ContractCalls
{
    private readonly NodeHttp _http;

    internal ContractCalls(NodeHttp http) => _http = http;

    /// <summary>Who reads a topic, or any.</summary>
    /// <param name="topic">The topic; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ReaderList> ReadersAsync(string? topic, CancellationToken cancellationToken)
    {
        var path = topic is null ? "/api/v1/contracts/readers" : $"/api/v1/contracts/readers?topic={Uri.EscapeDataString(topic)}";
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiJson.Default.ReaderList, cancellationToken);
    }

    /// <summary>What runs on the node, as documents tell it.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CatalogView> CatalogAsync(CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/docs/catalog.json"), ApiJson.Default.CatalogView, cancellationToken);

    /// <summary>The subjects of the registry, with who uses them.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SubjectList> SubjectsAsync(CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/contracts/subjects"), ApiJson.Default.SubjectList, cancellationToken);

    /// <summary>A subject: versions, what changed between two of them, and who uses it.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="from">The older version; null for the one before.</param>
    /// <param name="to">The newer version; null for the newest.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SubjectView> SubjectAsync(string subject, int? from, int? to, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        var path = FormattableString.Invariant($"/api/v1/contracts/subject?name={Uri.EscapeDataString(subject)}{(from is null ? "" : "&from=")}{from}{(to is null ? "" : "&to=")}{to}");
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiJson.Default.SubjectView, cancellationToken);
    }

    /// <summary>What the messages of a topic hold, and the alarms about it.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<TopicDriftView> DriftAsync(string topic, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Of(topic, "drift")), ApiJson.Default.TopicDriftView, cancellationToken);

    /// <summary>Takes what comes from now on for what is usual, and closes the alarms of a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LearnedAnew> LearnAnewAsync(string topic, CancellationToken cancellationToken) =>
        _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, Of(topic, "drift/learn")), ApiJson.Default.LearnedAnew, cancellationToken);

    /// <summary>A schema for what came into a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="format"><c>json</c>, <c>avro</c> or <c>protobuf</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<InferredSchemaView> InferAsync(string topic, string format, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(format);
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Of(topic, "schema?format=" + Uri.EscapeDataString(format))), ApiJson.Default.InferredSchemaView, cancellationToken);
    }

    /// <summary>Keeps that an owner approves a schema that breaks readers; it is an entry of the changes.</summary>
    /// <param name="request">Who approves what.</param>
    /// <param name="cancellationToken">Ends the wait; it may be kept all the same.</param>
    public Task<ChangeView> ApproveAsync(ApproveSchemaRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/contracts/approvals", request, (ApiJson.Default.ApproveSchemaRequest, ApiJson.Default.ChangeView), cancellationToken);

    /// <summary>What a schema would do to those who read messages of a subject; stores nothing.</summary>
    /// <param name="request">The subject and the schema.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ImpactView> ImpactAsync(ImpactRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/contracts/impact", request, (ApiJson.Default.ImpactRequest, ApiJson.Default.ImpactView), cancellationToken);

    /// <summary>Whether a version of an application goes with all it meets in an environment, by the pacts that were verified.</summary>
    /// <param name="application">The application, a pacticipant of pacts.</param>
    /// <param name="version">Its version.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeployView> CanIDeployAsync(string application, string version, string environment, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        ArgumentException.ThrowIfNullOrEmpty(version);
        ArgumentException.ThrowIfNullOrEmpty(environment);
        var path = $"/pact/matrix?q[][pacticipant]={Uri.EscapeDataString(application)}&q[][version]={Uri.EscapeDataString(version)}&environment={Uri.EscapeDataString(environment)}";
        return _http.SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ApiJson.Default.DeployView, cancellationToken);
    }

    private static string Of(string topic, string what)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return $"/api/v1/topics/{Uri.EscapeDataString(topic)}/{what}";
    }
}

using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Client.Api;
using Trunkline.Client.Http;
using Trunkline.Client.Publishing;

namespace Trunkline.Client;

/// <summary>
/// A client of one node: publish, read, manage. Thread-safe; make one per node and keep it. Every call fails with
/// <see cref="NodeUnreachableException"/> if no node answers, and with <see cref="TrunklineException"/> if it answers with an error.
/// </summary>
public sealed class TrunklineClient : IDisposable
{
    private readonly NodeHttp _http;

    /// <summary>A client of the node at an address.</summary>
    /// <param name="address">Such as <c>http://127.0.0.1:7420</c>.</param>
    /// <param name="token">API token, or null for none.</param>
    /// <param name="timeout">How long a call may take. Default 100 s; a comparison may take ten minutes.</param>
    public TrunklineClient(Uri address, string? token = null, TimeSpan? timeout = null)
        : this(NodeHttp.CreateClient(address, token, timeout))
    {
    }

    /// <summary>A client over an <see cref="HttpClient"/> with the node's address as <see cref="HttpClient.BaseAddress"/>; it is disposed with this.</summary>
    /// <param name="http">The transport.</param>
    public TrunklineClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = new NodeHttp(http);
        DeadLetters = new DeadLetterCalls(_http);
        Alerts = new AlertCalls(_http);
        Slos = new SloCalls(_http);
        Traces = new TraceCalls(_http);
        Schemas = new SchemaCalls(_http);
        Contracts = new ContractCalls(_http);
        Pacts = new PactCalls(_http);
        Logs = new LogCalls(_http);
        Outcomes = new OutcomeCalls(_http);
    }

    /// <summary>Dead letters, and parked keys.</summary>
    public DeadLetterCalls DeadLetters { get; }

    /// <summary>Alerts: list, take on, silence.</summary>
    public AlertCalls Alerts { get; }

    /// <summary>Kept traces.</summary>
    public TraceCalls Traces { get; }

    /// <summary>What flows promise, and how it is kept.</summary>
    public SloCalls Slos { get; }

    /// <summary>The schema registry.</summary>
    public SchemaCalls Schemas { get; }

    /// <summary>Who reads what.</summary>
    public ContractCalls Contracts { get; }

    /// <summary>The node's pact broker.</summary>
    public PactCalls Pacts { get; }

    /// <summary>The end of a topic that was read or written with this client, of those that come to one; null if none does.</summary>
    public TopicEnding? Ending => _http.Ending;

    /// <summary>What the node logged.</summary>
    public LogCalls Logs { get; }

    /// <summary>What became of messages, counted and listed.</summary>
    public OutcomeCalls Outcomes { get; }

    /// <summary>The node's address.</summary>
    public Uri Address => _http.Address;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Publishes; returns after the durable commit.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="content">One message, or several that become durable together.</param>
    /// <param name="cancellationToken">Ends the wait; what was sent may be stored all the same.</param>
    public Task<PublishResponse> PublishAsync(string topic, PublishContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        return content.IsIdentified
            ? _http.SendRepeatableAsync(() => content.ToRequest($"{Topic(topic)}/messages"), ApiJson.Default.PublishResponse, cancellationToken)
            : _http.SendAsync(content.ToRequest($"{Topic(topic)}/messages"), ApiJson.Default.PublishResponse, cancellationToken);
    }

    /// <summary>
    /// Publishes values as JSON, each with its own identity, so that a publish whose answer was lost is tried again without storing anything
    /// twice. Returns after the durable commit of all.
    /// </summary>
    /// <typeparam name="T">What bodies are made of.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="messages">1 to 10,000; they become durable together, or none.</param>
    /// <param name="type">How a body is written, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; what was sent may be stored all the same.</param>
    public async Task<PublishResponse> PublishAsync<T>(
        string topic, IReadOnlyList<OutgoingMessage<T>> messages, JsonTypeInfo<T> type, PublishOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(type);
        options ??= new PublishOptions();
        using var span = ClientTelemetry.Send(topic, Address, messages.Count);
        var content = new PublishContent
        {
            Body = EventBatch.Write(messages, type, ClientTelemetry.Trace()),
            ContentType = EventBatch.ContentType,
        };
        try
        {
            return await _http.SendPatientlyAsync(
                () => content.ToRequest($"{Topic(topic)}/messages"), ApiJson.Default.PublishResponse, (options.Patience, options.Time), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            ClientTelemetry.Fail(span, failure);
            throw;
        }
    }

    /// <summary>Reads a page of a topic without a group.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="limit">Most messages, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<MessagesPage> ReadAsync(string topic, ReadFrom from, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        return GetAsync($"{Topic(topic)}/messages{from.ToQuery(limit)}", ApiJson.Default.MessagesPage, cancellationToken);
    }

    /// <summary>Reads the page after <paramref name="page"/>.</summary>
    /// <param name="page">The page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<MessagesPage> ReadNextAsync(MessagesPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(page);
        return GetAsync(page.Next, ApiJson.Default.MessagesPage, cancellationToken);
    }

    /// <summary>Follows a topic until cancelled. A broken connection is taken up again where it ended, after a second.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">Where to begin; <see cref="ReadFrom.Latest"/> sees only what comes.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<EventView> FollowAsync(string topic, ReadFrom from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        return new TopicFollower(_http, $"{Topic(topic)}/stream", from).RunAsync(cancellationToken);
    }

    /// <summary>All topics.</summary>
    public Task<TopicList> ListTopicsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/topics", ApiJson.Default.TopicList, cancellationToken);

    /// <summary>A topic with its groups.</summary>
    public Task<TopicView> GetTopicAsync(string topic, CancellationToken cancellationToken) => GetAsync(Topic(topic), ApiJson.Default.TopicView, cancellationToken);

    /// <summary>All flows.</summary>
    public Task<FlowList> ListFlowsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/flows", ApiJson.Default.FlowList, cancellationToken);

    /// <summary>A flow.</summary>
    public Task<FlowView> GetFlowAsync(string flow, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/flows/{Uri.EscapeDataString(flow)}", ApiJson.Default.FlowView, cancellationToken);

    /// <summary>All models.</summary>
    public Task<ModelList> ListModelsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/models", ApiJson.Default.ModelList, cancellationToken);

    /// <summary>How well versions of models do.</summary>
    /// <param name="model">The model, or null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ModelQualityList> GetModelQualityAsync(string? model, CancellationToken cancellationToken) => GetAsync(
        "/api/v1/models/quality" + (model is null ? "" : $"?model={Uri.EscapeDataString(model)}"), ApiJson.Default.ModelQualityList, cancellationToken);

    /// <summary>Dead letters of a flow, or of all; without payloads. <see cref="DeadLetters"/> does more.</summary>
    /// <param name="flow">The flow, or null.</param>
    /// <param name="limit">Most dead letters, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<DeadLetterPage> ListDeadLettersAsync(string? flow, int limit, CancellationToken cancellationToken) =>
        DeadLetters.ListAsync(flow, new DeadLetterSelection(), "open", limit, cancellationToken);

    /// <summary>What became of the message with an id, per flow; none if nothing is known.</summary>
    public Task<OutcomeList> GetOutcomeAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/outcomes?id={Uri.EscapeDataString(id)}", ApiJson.Default.OutcomeList, cancellationToken);

    /// <summary>The way of messages over all flows; the newest ten.</summary>
    /// <param name="by">What names them: <c>id</c>, <c>receipt</c> or <c>key</c>.</param>
    /// <param name="value">An id or receipt anywhere on the way, or the key.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="TrunklineException">No flow has written down such a message.</exception>
    public Task<JourneyList> GetJourneysAsync(string by, string value, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/journeys?{Uri.EscapeDataString(by)}={Uri.EscapeDataString(value)}", ApiJson.Default.JourneyList, cancellationToken);

    /// <summary>Tells what was learned of messages later. All facts are stored, or none.</summary>
    /// <param name="facts">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait; what was sent may be stored all the same.</param>
    public Task<ToldFacts> TellOutcomesAsync(IReadOnlyList<OutcomeFactView> facts, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/outcomes", facts, (ApiJson.Default.IReadOnlyListOutcomeFactView, ApiJson.Default.ToldFacts), cancellationToken);

    /// <summary>What runs on the node and what passes between, with the figures of the last minutes.</summary>
    public Task<MapView> GetMapAsync(CancellationToken cancellationToken) => GetMapAsync(new MapQuestion(), cancellationToken);

    /// <summary>The map at a time, a part of it, or what is different from another time.</summary>
    public Task<MapView> GetMapAsync(MapQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        return _http.SendRepeatableAsync(question.ToRequest, ApiJson.Default.MapView, cancellationToken);
    }

    /// <summary>Why a flow is slow or fails: causes ranked by evidence, or that nothing stands out.</summary>
    public Task<WhyView> GetWhyAsync(string flow, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/flows/{Uri.EscapeDataString(flow)}/why", ApiJson.Default.WhyView, cancellationToken);

    /// <summary>The share of messages delivered once, in order, in time, by the intended model.</summary>
    /// <param name="flow">The flow, or null for all.</param>
    /// <param name="since">How far back, such as <c>24h</c>; one minute to seven days.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<FidelityList> GetFidelityAsync(string? flow, string since, CancellationToken cancellationToken)
    {
        var only = flow is null ? "" : $"&flow={Uri.EscapeDataString(flow)}";
        return GetAsync($"/api/v1/fidelity?since={Uri.EscapeDataString(since)}{only}", ApiJson.Default.FidelityList, cancellationToken);
    }

    /// <summary>Starts to erase all that belongs to a key, an id or a tenant; it goes on at the node.</summary>
    public Task<ErasureStarted> StartErasureAsync(EraseRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/erasures", request, (ApiJson.Default.EraseRequest, ApiJson.Default.ErasureStarted), cancellationToken);

    /// <summary>How an erasure stands; once it is done, its proof.</summary>
    public Task<ErasureView> GetErasureAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/erasures/{Uri.EscapeDataString(id)}", ApiJson.Default.ErasureView, cancellationToken);

    /// <summary>Who changed what, newest first.</summary>
    /// <param name="limit">Most changes, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ChangeList> ListChangesAsync(int limit, CancellationToken cancellationToken) =>
        GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/changes?limit={limit}"), ApiJson.Default.ChangeList, cancellationToken);

    /// <summary>All revisions the node knows, newest first.</summary>
    public Task<RevisionList> ListRevisionsAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/v1/revisions", ApiJson.Default.RevisionList, cancellationToken);

    /// <summary>Installs a project as a revision, or only shows what it would change.</summary>
    public Task<PlanView> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/api/v1/revisions") { Content = JsonContent.Create(request, ApiJson.Default.ApplyRequest) },
        ApiJson.Default.PlanView,
        cancellationToken);

    /// <summary>Puts a revision that the node knows in force, or only shows what that would change.</summary>
    /// <param name="revision">Its number.</param>
    /// <param name="request">How.</param>
    /// <param name="cancellationToken">Ends the wait; the switch goes on.</param>
    public Task<PlanView> ActivateAsync(long revision, ActivateRequest request, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/api/v1/revisions/{revision}/activate"))
        {
            Content = JsonContent.Create(request, ApiJson.Default.ActivateRequest),
        },
        ApiJson.Default.PlanView,
        cancellationToken);

    /// <summary>Tells a change made outside, such as a deployment of a product that uses the node.</summary>
    public Task<ChangeView> ReportChangeAsync(ReportChangeRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/changes", request, (ApiJson.Default.ReportChangeRequest, ApiJson.Default.ChangeView), cancellationToken);

    /// <summary>Takes a backup of the node's store while it runs.</summary>
    public Task<BackupView> BackupAsync(BackupRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/backups", request, (ApiJson.Default.BackupRequest, ApiJson.Default.BackupView), cancellationToken);

    /// <summary>A durable consumer group of a topic.</summary>
    public TopicGroup Group(string topic, string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return new TopicGroup(_http, $"{Topic(topic)}/groups/{Uri.EscapeDataString(group)}", (topic, group));
    }

    /// <summary>Lets a flow take no new messages until resumed.</summary>
    public Task<FlowView> PauseFlowAsync(string flow, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/pause"), ApiJson.Default.FlowView, cancellationToken);

    /// <summary>Lets a flow go on, also one that failed or that its policy stopped.</summary>
    public Task<FlowView> ResumeFlowAsync(string flow, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/resume"), ApiJson.Default.FlowView, cancellationToken);

    /// <summary>Pauses a flow and waits until what it has in hand is through and its sinks have everything; it stays paused.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="wait">How long at most, up to ten minutes.</param>
    /// <param name="cancellationToken">Ends the wait; the flow stays paused.</param>
    public Task<DrainResult> DrainFlowAsync(string flow, TimeSpan wait, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/drain?waitMs={(long)wait.TotalMilliseconds}")),
        ApiJson.Default.DrainResult,
        cancellationToken);

    /// <summary>The keys a flow remembers something of.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="prefix">Only keys that begin with this text; null for all.</param>
    /// <param name="limit">Most keys, 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<KeyStateList> ListStateAsync(string flow, string? prefix, int limit, CancellationToken cancellationToken)
    {
        var only = prefix is null ? "" : $"&prefix={Uri.EscapeDataString(prefix)}";
        return GetAsync(string.Create(CultureInfo.InvariantCulture, $"{State(flow)}?limit={limit}{only}"), ApiJson.Default.KeyStateList, cancellationToken);
    }

    /// <summary>What a flow remembers of a key; null if nothing.</summary>
    public async Task<KeyStateView?> GetStateAsync(string flow, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        var found = await GetAsync($"{State(flow)}?keyBase64={Base64(key)}", ApiJson.Default.KeyStateList, cancellationToken).ConfigureAwait(false);
        return found.Keys.Count == 0 ? null : found.Keys[0];
    }

    /// <summary>Forgets what a flow remembers of a key, timers included, in order with its messages.</summary>
    public Task<DropStateResult> DropStateAsync(string flow, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, $"{State(flow)}?keyBase64={Base64(key)}"), ApiJson.Default.DropStateResult, cancellationToken);

    /// <summary>Begins a session for a browser.</summary>
    /// <param name="token">A token of the node.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="TrunklineException">The node does not know the token, or asks for none.</exception>
    public Task<SessionView> BeginSessionAsync(string token, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/sessions", new SessionRequest(token), (ApiJson.Default.SessionRequest, ApiJson.Default.SessionView), cancellationToken);

    /// <summary>Whether the node can take and process messages; a node that cannot answers too.</summary>
    public Task<HealthView> GetHealthAsync(CancellationToken cancellationToken) => _http.GetHealthAsync(cancellationToken);

    /// <summary>Runs a candidate project over a flow's recorded messages and tells which would go elsewhere; changes nothing.</summary>
    /// <param name="flow">The flow; both projects have it, and it reads a topic.</param>
    /// <param name="request">The candidate.</param>
    /// <param name="cancellationToken">Ends the comparison too.</param>
    public Task<ComparisonView> CompareAsync(string flow, CompareRequest request, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/comparisons")
        {
            Content = JsonContent.Create(request, ApiJson.Default.CompareRequest),
        },
        ApiJson.Default.ComparisonView,
        cancellationToken);

    /// <summary>Watches messages pass the steps of a flow, until cancelled or the node ends it.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="step">Only this step; null for all.</param>
    /// <param name="values">Whether bodies carry values.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<TapEventView> TapAsync(string flow, string? step, bool values, CancellationToken cancellationToken)
    {
        var query = $"?values={(values ? "true" : "false")}" + (step is null ? "" : $"&step={Uri.EscapeDataString(step)}");
        return new TapFollower(_http, $"/api/v1/flows/{Uri.EscapeDataString(flow)}/tap{query}").RunAsync(cancellationToken);
    }

    /// <summary>Runs recorded messages through a flow again, in the background; durable when it returns.</summary>
    public Task<ReplayView> StartReplayAsync(StartReplayRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/replays", request, (ApiJson.Default.StartReplayRequest, ApiJson.Default.ReplayView), cancellationToken);

    /// <summary>Replays, newest first.</summary>
    public Task<ReplayList> ListReplaysAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/replays", ApiJson.Default.ReplayList, cancellationToken);

    /// <summary>A replay and how far it is.</summary>
    public Task<ReplayView> GetReplayAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/v1/replays/{Uri.EscapeDataString(id)}", ApiJson.Default.ReplayView, cancellationToken);

    /// <summary>Lets a replay stop after what it is at.</summary>
    public Task<ReplayView> PauseReplayAsync(string id, CancellationToken cancellationToken) => ReplayAsync(id, "pause", cancellationToken);

    /// <summary>Lets a paused replay go on.</summary>
    public Task<ReplayView> ResumeReplayAsync(string id, CancellationToken cancellationToken) => ReplayAsync(id, "resume", cancellationToken);

    /// <summary>Ends a replay for good; what it has stored stays.</summary>
    public Task<ReplayView> CancelReplayAsync(string id, CancellationToken cancellationToken) => ReplayAsync(id, "cancel", cancellationToken);

    /// <summary>The faults injected at present.</summary>
    public Task<FaultInjectionList> ListFaultsAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/faults", ApiJson.Default.FaultInjectionList, cancellationToken);

    /// <summary>Lets calls or commits of a flow fail on purpose, until an end.</summary>
    public Task<FaultInjectionView> AddFaultAsync(AddFaultRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("/api/v1/faults", request, (ApiJson.Default.AddFaultRequest, ApiJson.Default.FaultInjectionView), cancellationToken);

    /// <summary>Ends an injected fault.</summary>
    public Task<FaultInjectionView> StopFaultAsync(string id, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/faults/{Uri.EscapeDataString(id)}"), ApiJson.Default.FaultInjectionView, cancellationToken);

    /// <summary>What the node is.</summary>
    public Task<NodeView> GetNodeAsync(CancellationToken cancellationToken) => GetAsync("/api/v1/node", ApiJson.Default.NodeView, cancellationToken);

    private Task<ReplayView> ReplayAsync(string id, string what, CancellationToken cancellationToken) => _http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"/api/v1/replays/{Uri.EscapeDataString(id)}/{what}"), ApiJson.Default.ReplayView, cancellationToken);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _http.SendRepeatableAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    private static string State(string flow) => $"/api/v1/flows/{Uri.EscapeDataString(flow)}/state";

    private static string Base64(ReadOnlyMemory<byte> key) => Uri.EscapeDataString(Convert.ToBase64String(key.Span));

    private static string Topic(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return $"/api/v1/topics/{Uri.EscapeDataString(topic)}";
    }
}

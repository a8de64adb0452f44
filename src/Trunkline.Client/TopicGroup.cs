using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trunkline.Client.Api;
using Trunkline.Client.Consuming;
using Trunkline.Client.Http;

namespace Trunkline.Client;

/// <summary>
/// A durable consumer group of a topic: messages are lent, and each is acknowledged, given back or kept longer by its lease. Any
/// number of processes may consume for one group. Thread-safe. Fails as <see cref="TrunklineClient"/> does.
/// </summary>
public sealed class TopicGroup
{
    private readonly NodeHttp _http;
    private readonly string _path;

    internal TopicGroup(NodeHttp http, string path, (string Topic, string Group) names) => (_http, _path, Topic, Name) = (http, path, names.Topic, names.Group);

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The group.</summary>
    public string Name { get; }

    /// <summary>
    /// Consumes until cancelled: hands every message to a handler, acknowledges it when the handler returns and gives it back, for later, when
    /// it throws. At least once: a handler may see a message again after a crash, so it should do no harm when repeated. Messages of a key come
    /// one at a time, in order; a message that came five times without success goes to the group's dead letters. A node that restarts or
    /// cannot be reached is waited for; a refusal that will not pass, such as of the token, is thrown.
    /// </summary>
    /// <typeparam name="T">What bodies are read as. A body that cannot be is a failed handler.</typeparam>
    /// <param name="type">How, from a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>.</param>
    /// <param name="handler">Called from several threads at once, each with its own message. Its token is cancelled when the message's lease is lost, or some time after a stop.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Asks it to stop: nothing more is fetched, what is in hand is finished and settled, then this returns.</param>
    public Task ConsumeAsync<T>(
        JsonTypeInfo<T> type, Func<Received<T>, CancellationToken, ValueTask> handler, ConsumeOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        return ConsumeAsync(new Handler<T>(message => Body(message, type), handler), options ?? new ConsumeOptions(), cancellationToken);
    }

    /// <summary>As the other, for messages that are read by the handler itself.</summary>
    public Task ConsumeAsync(Func<Received<EventView>, CancellationToken, ValueTask> handler, ConsumeOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return ConsumeAsync(new Handler<EventView>(message => message, handler), options ?? new ConsumeOptions(), cancellationToken);
    }

    /// <summary>Borrows messages; none if nothing came in time. Not repeated by itself: what a lost answer held comes again when its leases end.</summary>
    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/fetch", request, (ApiJson.Default.FetchRequest, ApiJson.Default.FetchResponse), cancellationToken);

    /// <summary>Completes messages; durable when it returns.</summary>
    public Task<LeaseResponse> AckAsync(AckRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/ack", request, (ApiJson.Default.AckRequest, ApiJson.Default.LeaseResponse), cancellationToken);

    /// <summary>Gives messages back, to come again after a delay.</summary>
    public Task<LeaseResponse> NackAsync(NackRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/nack", request, (ApiJson.Default.NackRequest, ApiJson.Default.LeaseResponse), cancellationToken);

    /// <summary>Moves the group; its members go on from the new place.</summary>
    public Task<GroupView> ResetAsync(ResetGroupRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/reset", request, (ApiJson.Default.ResetGroupRequest, ApiJson.Default.GroupView), cancellationToken);

    /// <summary>Says which fields of messages the group reads, in place of what it said before.</summary>
    public Task<ReaderView> DeclareAsync(DeclareReaderRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/reads", request, (ApiJson.Default.DeclareReaderRequest, ApiJson.Default.ReaderView), cancellationToken);

    /// <summary>Makes leases last longer.</summary>
    public Task<LeaseResponse> ExtendAsync(ExtendRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/extend", request, (ApiJson.Default.ExtendRequest, ApiJson.Default.LeaseResponse), cancellationToken);

    private async Task ConsumeAsync<T>(Handler<T> handler, ConsumeOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        using var consumption = new Consumption<T>(this, handler, options);
        await consumption.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private static T Body<T>(EventView message, JsonTypeInfo<T> type) =>
        message.Data is { } data
            ? data.Deserialize(type) ?? throw new JsonException("The body is null.")
            : throw new JsonException($"The body is {message.DataContentType ?? "of no media type"}, not JSON.");
}

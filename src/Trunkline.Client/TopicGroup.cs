using Trunkline.Client.Api;
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

    internal TopicGroup(NodeHttp http, string path) => (_http, _path) = (http, path);

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

    /// <summary>Makes leases last longer.</summary>
    public Task<LeaseResponse> ExtendAsync(ExtendRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync($"{_path}/extend", request, (ApiJson.Default.ExtendRequest, ApiJson.Default.LeaseResponse), cancellationToken);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Trunkline.Client;
using Trunkline.Messaging.Checking;

namespace Trunkline.EndToEnd.Tests.Soak;

/// <summary>
/// Publishes messages one after another and keeps the journal of it: each attempt on disk before it is sent, the same message again until it
/// is acknowledged. What the flow must make of it for the topic <c>out</c> is written there too.
/// </summary>
internal sealed class Producer(int number, SoakNode node, string folder)
{
    private const int Keys = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly List<string> _acknowledged = [];

    /// <summary>Ids acknowledged; read it after the run.</summary>
    public IReadOnlyList<string> Acknowledged => _acknowledged;

    /// <summary>Refusals and broken connections met.</summary>
    public int Refusals { get; private set; }

    /// <summary>Produces until told to stop; what is under way then is sent until it is acknowledged or <paramref name="giveUp"/>.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp)
    {
        using var journal = new JournalWriter(Path.Combine(folder, $"producer-{number}.ndjson"));
        for (long n = 1; !stop.IsCancellationRequested; n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"p{number}-{n}");
            var key = string.Create(CultureInfo.InvariantCulture, $"k{number}-{n % Keys}");
            var text = $"{id} {new string('x', 200 + (int)(n % 300))}";
            journal.Write(sync: true, new JournalEntry.Attempt(id, "in", key, n, Hash(text)), new JournalEntry.Attempt(id, "out", key, n, Hash(text)));
            var result = await SendAsync(id, key, new { id, n, text }, giveUp) ? AttemptResult.Ok : AttemptResult.Unknown;
            journal.Write(sync: false, new JournalEntry.Outcome(id, "in", result), new JournalEntry.Outcome(id, "out", result));
            if (result == AttemptResult.Ok)
            {
                _acknowledged.Add(id);
            }
        }
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private async Task<bool> SendAsync<T>(string id, string key, T body, CancellationToken giveUp)
    {
        var content = new PublishContent { Body = JsonSerializer.SerializeToUtf8Bytes(body), Key = key, IdempotencyKey = id };
        while (!giveUp.IsCancellationRequested)
        {
            try
            {
                await node.Client.PublishAsync("in", content, giveUp);
                return true;
            }
            catch (Exception refused) when (refused is TrunklineException or NodeUnreachableException)
            {
                Refusals++;
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
            {
                return false;
            }
        }

        return false;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Trunkline.Client;
using Trunkline.Client.Api;
using Trunkline.Client.Publishing;

namespace Trunkline.Cli.Demo.Planted;

/// <summary>
/// Drift that the demo plants: a producer of its own, of a topic of its own, writes as its schema says, then otherwise. No mail has to do with it. Each run has another
/// producer, so that what one run planted is not what is usual in the next.
/// </summary>
internal sealed class PlantedDrift(TrunklineClient client)
{
    /// <summary>The topic.</summary>
    public const string Topic = "planted.ratings";

    /// <summary>Messages written before anything changes: those the node learns from, and two windows more.</summary>
    public const int Usual = 1400;

    /// <summary>Messages in which the node promises to have told it.</summary>
    public const int DriftedMax = 1000;

    private const string Subject = "planted-ratings";
    private const int Batch = 50;

    private const string Schema = """
        {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["mail","stars","channel"],
         "properties":{"mail":{"type":"string"},"stars":{"type":"integer"},"channel":{"type":"string"}}}
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReadMax = TimeSpan.FromSeconds(30);

    // Whoever runs this starts a node that died again, and plants anew.
    private static readonly PublishOptions OneTry = new() { Patience = TimeSpan.Zero };
    private static readonly string[] Channels = ["mail", "chat", "voice"];
    private static readonly string[] Planted = ["channel", "stars", "voucher"];

    private readonly string _source = "/demo/planted/" + Guid.NewGuid().ToString("N")[..8];
    private int _written;

    /// <summary>The file of the project that has the topic.</summary>
    public const string Project = """
        # Not part of the sample: the demo plants drift here, to show what a node says of it.
        owners:
          ratings-team: { email: ratings@example.com }
        topics:
          planted.ratings: { partitions: 1, subject: planted-ratings, contract: observe, owner: ratings-team }
        """;

    /// <summary>Writes what is usual, then what drifts, until the node has told all of it or the promise is broken.</summary>
    public async Task<DriftReport> RunAsync(CancellationToken cancellationToken)
    {
        await client.Schemas.RegisterAsync(Subject, new SchemaRequest(Schema, "JSON"), cancellationToken);
        await WriteAsync(Usual, Rating, cancellationToken);
        var early = (await ReadAsync(cancellationToken)).Count;
        var told = new List<DriftAlarmReport>();
        for (var drifted = Batch; drifted <= DriftedMax && told.Count < Planted.Length; drifted += Batch)
        {
            await WriteAsync(Batch, Drifted, cancellationToken);
            var alarms = (await ReadAsync(cancellationToken)).Where(alarm => told.TrueForAll(one => one.Field != alarm.Field));
            told.AddRange(alarms.Select(alarm => new DriftAlarmReport(alarm.Field, alarm.Kind, alarm.Was, alarm.Now, alarm.Example, alarm.Owner, drifted)));
        }

        return new DriftReport(Topic, Usual, early, Planted, [.. told.OrderBy(alarm => alarm.Field, StringComparer.Ordinal)]);
    }

    /// <summary>What is usual: whole stars, one of three channels. The same in every run.</summary>
    private static Rating Rating(int number) => new(FormattableString.Invariant($"mail-{number}"), JsonSerializer.SerializeToElement((number * 7 % 5) + 1, RatingJson.Default.Int32), Channels[number * 5 % 3], null);

    /// <summary>What is planted: stars as text, a channel nobody knows, a field nobody declared.</summary>
    private static Rating Drifted(int number)
    {
        var usual = Rating(number);
        return usual with
        {
            Stars = JsonSerializer.SerializeToElement(usual.Stars.GetInt32() + " of 5", RatingJson.Default.String),
            Channel = number % 2 == 0 ? "letter" : usual.Channel,
            Voucher = "WELCOME-10",
        };
    }

    private async Task WriteAsync(int count, Func<int, Rating> make, CancellationToken cancellationToken)
    {
        var messages = Enumerable.Range(_written, count).Select(number => new OutgoingMessage<Rating>(make(number)) { Source = _source, Type = "demo.rating" }).ToList();
        await client.PublishAsync(Topic, messages, RatingJson.Default.Rating, OneTry, cancellationToken);
        _written += count;
    }

    /// <summary>Waits until the node has looked at all that was written; gives the alarms about it.</summary>
    private async Task<IReadOnlyList<DriftAlarmView>> ReadAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await client.Contracts.DriftAsync(Topic, cancellationToken);
            if (view.Producers.Any(one => one.Producer == _source && one.Messages >= _written) || TimeProvider.System.GetElapsedTime(began) > ReadMax)
            {
                return [.. view.Alarms.Where(alarm => alarm.Producer == _source)];
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}

/// <summary>What the planted producer writes.</summary>
internal sealed record Rating(string Mail, JsonElement Stars, string Channel, string? Voucher);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Rating))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class RatingJson : JsonSerializerContext;

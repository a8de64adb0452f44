using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Sight.CriticalPaths;

namespace Trunkline.Server.Sight.Suspects;

/// <summary>Finds what single messages took at the steps, at models and sinks, in the times of tries that are kept anyway.</summary>
internal static class ServiceTimes
{
    /// <summary>The messages, with what is known of their times.</summary>
    /// <param name="seen">The messages.</param>
    /// <param name="flow">The flow they are of.</param>
    /// <param name="kept">All tries that are kept.</param>
    public static SeenMessages Add(SeenMessages seen, string flow, IReadOnlyList<KeptTries> kept)
    {
        var own = kept.Where(k => k.Flow == flow).ToList();
        if (own.Find(k => k.Sink is null) is not { } steps)
        {
            return seen;
        }

        var times = own.SelectMany(k => k.Tries).ToLookup(t => t.Place, t => t);
        var since = new DateTimeOffset(steps.Since, TimeSpan.Zero);
        return new SeenMessages([.. seen.Now.Select(m => Timed(m, times, since))], [.. seen.Before.Select(m => Timed(m, times, since))]);
    }

    // Shorter tries are not kept: nothing is known then of a message, but that it was quick.
    private static SeenMessage Timed(SeenMessage message, ILookup<Position, TryTimes> times, DateTimeOffset since) =>
        message.At < since || !times.Contains(message.Place) ? message : message with { Spent = [.. times[message.Place].SelectMany(PlacesOf)] };

    private static IEnumerable<PlaceTime> PlacesOf(TryTimes tried)
    {
        if (tried.Sink is { } sink)
        {
            return [new PlaceTime(HopSide.Sink(sink), Seconds(tried.Ended - tried.Began))];
        }

        var models = tried.Parts.Where(p => p.Model is not null).ToList();
        return
        [
            new PlaceTime(HopSide.Steps, Math.Max(0, Seconds(tried.Ended - tried.Began - models.Sum(p => p.Ended - p.Began)))),
            .. models.Select(p => new PlaceTime(HopSide.Model(p.Model!), Math.Max(0, Seconds(p.Ended - p.Began - p.Waited)))),
        ];
    }

    private static double Seconds(long ticks) => (double)ticks / TimeSpan.TicksPerSecond;
}

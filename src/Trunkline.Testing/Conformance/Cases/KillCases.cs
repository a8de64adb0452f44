using System.Globalization;
using System.Text;
using Trunkline.Messaging.Brokers;
using Xunit;

namespace Trunkline.Testing.Conformance.Cases;

/// <summary>What is there after a process that had the broker open was killed.</summary>
internal sealed class KillCases(BrokerStand stand)
{
    private const int Kills = 3;

    [Case(36, BrokerCapabilities.AtomicCommit | BrokerCapabilities.State | BrokerCapabilities.Persistent)]
    public async Task After_a_kill_at_any_moment_a_unit_over_three_topics_and_state_is_there_whole_or_not_at_all()
    {
        var random = new Random(36);
        for (var kill = 0; kill < Kills; kill++)
        {
            await stand.KillAsync(random.Next(1, 300));
            var topics = await ReadAsync();
            Assert.Equal(topics[0], topics[1]);
            Assert.Equal(topics[0], topics[2]);
            for (var writer = 0; writer < KillableWork.Writers; writer++)
            {
                // A run that was killed at once may have written nothing with this writer: then the state is that of an earlier run.
                var last = topics[0].LastOrDefault(text => text.Split('-')[1] == $"{writer}");
                var state = await stand.Broker.ReadStateAsync(KillableWork.Store, 0, new[] { (byte)writer }, stand.Stop);
                Assert.Equal(last, state is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null);
            }
        }
    }

    [Case(39, BrokerCapabilities.Persistent | BrokerCapabilities.SyncDurability)]
    public async Task Killed_at_a_random_moment_the_broker_has_all_it_acknowledged_and_what_is_weaker_loses_its_interval_at_most()
    {
        // How much later than its interval a sync may end on a machine that is busy with other things.
        var slack = TimeSpan.FromSeconds(5);
        var random = new Random(39);
        var acknowledged = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            var lines = (await stand.KillAsync(random.Next(1, 600))).ConvertAll(line => line.Split(' '));
            acknowledged.AddRange(lines.Where(line => line[0] == "unit").Select(line => line[1]));
            foreach (var texts in await ReadAsync())
            {
                Assert.Equal(texts.Count, texts.Distinct().Count());
                Assert.Empty(acknowledged.Except(texts));
            }

            var weak = (await stand.ReadAllAsync(KillableWork.WeakTopic)).ToDictionary(m => m.Position.Offset, BrokerStand.TextOf);
            Assert.Equal(Enumerable.Range(0, weak.Count).Select(offset => (long)offset), weak.Keys.Order());
            var told = lines.Where(line => line[0] == "weak").Select(line => (Offset: Number(line[1]), At: Number(line[2]), Text: line[3])).ToList();
            foreach (var (offset, at, text) in told.Where(t => t.At < told[^1].At - (KillableWork.WeakInterval + slack).TotalMilliseconds))
            {
                Assert.Equal(text, weak[offset]);
            }
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task<List<List<string>>> ReadAsync()
    {
        var all = new List<List<string>>();
        foreach (var topic in KillableWork.Topics)
        {
            all.Add([.. (await stand.ReadAllAsync(topic)).Select(BrokerStand.TextOf)]);
        }

        return all;
    }
}

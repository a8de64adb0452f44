using System.Globalization;

namespace Trunkline.Crash.Tests.Harness;

/// <summary>
/// The model beside the store: what was tried and acknowledged, and what each restart found. <see cref="Judge"/> says
/// what is wrong with a finding, in words; an empty list is a clean cycle.
/// </summary>
internal sealed class StoreModel
{
    private readonly Dictionary<long, IReadOnlyList<JournalMessage>> _tried = [];
    private readonly Dictionary<long, IReadOnlyList<JournalMessage>> _acknowledged = [];
    private readonly Dictionary<(string Topic, int Partition, long Offset), string> _seen = [];
    private readonly Dictionary<string, long> _positions = [];

    public int Acknowledged => _acknowledged.Count;

    public long NextUnit => _tried.Count == 0 ? 1 : _tried.Keys.Max() + 1;

    public void Note(JournalLine line)
    {
        if (line.Kind == "try")
        {
            _tried[line.Unit] = line.Messages ?? [];
        }
        else if (line.Kind == "ok")
        {
            _acknowledged[line.Unit] = line.Messages ?? [];
        }
    }

    public IReadOnlyList<string> Judge(IReadOnlyList<JournalLine> found)
    {
        var messages = found.Where(l => l.Kind == "message").SelectMany(l => l.Messages ?? []).ToList();
        var state = found.Where(l => l.Kind == "state").ToDictionary(l => l.Name!, l => l.Value!);
        var positions = found.Where(l => l.Kind == "position").ToDictionary(l => l.Name!, l => long.Parse(l.Value!, CultureInfo.InvariantCulture));
        List<string> findings = [];
        var byId = Unique(messages, findings);
        Lost(byId, findings);
        Invented(messages, findings);
        Torn(messages, state, findings);
        Order(messages, findings);
        Stable(messages, findings);
        Positions(positions, messages, findings);
        return findings;
    }

    private static Dictionary<(string Topic, string Id), JournalMessage> Unique(List<JournalMessage> messages, List<string> findings)
    {
        Dictionary<(string, string), JournalMessage> byId = [];
        foreach (var message in messages)
        {
            if (!byId.TryAdd((message.Topic, message.Id), message))
            {
                findings.Add($"doubled: {message.Topic} holds {message.Id} at {message.Partition}/{message.Offset} and before");
            }
        }

        return byId;
    }

    private void Lost(Dictionary<(string Topic, string Id), JournalMessage> byId, List<string> findings)
    {
        foreach (var (unit, messages) in _acknowledged)
        {
            foreach (var message in messages)
            {
                if (!byId.TryGetValue((message.Topic, message.Id), out var stored))
                {
                    findings.Add($"lost: unit {unit} was acknowledged with {message.Id} at {message.Topic}/{message.Partition}/{message.Offset}");
                }
                else if (stored.Partition != message.Partition || stored.Offset != message.Offset)
                {
                    findings.Add($"moved: {message.Id} was acknowledged at {message.Partition}/{message.Offset}, stands at {stored.Partition}/{stored.Offset}");
                }
            }
        }
    }

    private void Invented(List<JournalMessage> messages, List<string> findings)
    {
        var tried = _tried.Values.SelectMany(m => m).ToLookup(m => (m.Topic, m.Id), m => m.Hash);
        foreach (var message in messages)
        {
            if (!tried.Contains((message.Topic, message.Id)))
            {
                findings.Add($"invented: {message.Id} in {message.Topic} was never tried");
            }
            else if (!tried[(message.Topic, message.Id)].Contains(message.Hash))
            {
                findings.Add($"altered: {message.Id} at {message.Topic}/{message.Partition}/{message.Offset}");
            }
        }
    }

    /// <summary>
    /// A unit's messages and its state key are there together or not at all. Messages are counted by the unit written in
    /// them: a copy that was not acknowledged is made again, with the same id, by a later unit.
    /// </summary>
    private void Torn(List<JournalMessage> stored, Dictionary<string, string> state, List<string> findings)
    {
        var counts = stored.CountBy(m => m.Unit).ToDictionary();
        foreach (var (unit, messages) in _tried)
        {
            var there = counts.GetValueOrDefault(unit);
            var marked = state.ContainsKey($"unit-{unit}");
            if (there != 0 && there != messages.Count)
            {
                findings.Add($"torn: {Outcome(unit)} unit {unit} has {there} of {messages.Count} messages");
            }
            else if (there > 0 != marked)
            {
                findings.Add($"torn: {Outcome(unit)} unit {unit} has {there} messages and {(marked ? "its" : "no")} state");
            }
        }
    }

    private string Outcome(long unit) => _acknowledged.ContainsKey(unit) ? "acknowledged" : $"unanswered (of {_tried.Keys.Max()} tried)";

    private static void Order(List<JournalMessage> messages, List<string> findings)
    {
        foreach (var partition in messages.GroupBy(m => (m.Topic, m.Partition)))
        {
            Dictionary<string, long> last = [];
            long expected = 0;
            foreach (var message in partition.OrderBy(m => m.Offset))
            {
                if (message.Offset != expected)
                {
                    findings.Add($"gap: {message.Topic}/{message.Partition} jumps from {expected} to {message.Offset}");
                }

                expected = message.Offset + 1;
                if (last.TryGetValue(message.Key, out var counter) && counter >= message.Counter)
                {
                    findings.Add($"reordered: key {message.Key} in {message.Topic} has {message.Counter} after {counter}");
                }

                last[message.Key] = message.Counter;
            }
        }
    }

    /// <summary>What a restart has shown stays as it is, also if it was never acknowledged.</summary>
    private void Stable(List<JournalMessage> messages, List<string> findings)
    {
        var now = messages.ToDictionary(m => (m.Topic, m.Partition, m.Offset), m => m.Id);
        foreach (var (place, id) in _seen)
        {
            if (!now.TryGetValue(place, out var other) || other != id)
            {
                findings.Add($"unstable: {place} held {id}, now {other ?? "nothing"}");
            }
        }

        foreach (var (place, id) in now)
        {
            _seen[place] = id;
        }
    }

    private void Positions(Dictionary<string, long> positions, List<JournalMessage> messages, List<string> findings)
    {
        foreach (var (name, next) in positions)
        {
            var end = messages.Where(m => m.Topic == "in" && name == $"in/{m.Partition}").Select(m => m.Offset + 1).DefaultIfEmpty(0).Max();
            if (next > end)
            {
                findings.Add($"position ahead: {name} is at {next}, the end is {end}");
            }

            if (_positions.TryGetValue(name, out var before) && next < before)
            {
                findings.Add($"position back: {name} was at {before}, is at {next}");
            }

            _positions[name] = next;
        }
    }
}

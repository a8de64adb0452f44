using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>A field as all producers of a topic write it.</summary>
internal sealed class SeenField
{
    private readonly List<FieldNode> _nodes;

    private SeenField(List<FieldNode> nodes) => _nodes = nodes;

    /// <summary>The whole message of some producers; null if none of them wrote anything with fields.</summary>
    public static SeenField? Of(IEnumerable<ProducerProfile> producers)
    {
        var seen = new SeenField([.. producers.Select(one => one.Root)]);
        return seen.Present > 0 ? seen : null;
    }

    /// <summary>The name it has in what it is in.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Messages that have it.</summary>
    public int Present => Tallies.Sum(tally => tally.Present);

    /// <summary>Every kind it had.</summary>
    public FieldKinds Kinds => Tallies.Aggregate(FieldKinds.None, (kinds, tally) => kinds | tally.KindsSeen);

    /// <summary>True if its names are data.</summary>
    public bool IsMap => _nodes.Exists(node => node.IsMap);

    /// <summary>True if not all that was in it is known.</summary>
    public bool IsCut => _nodes.Exists(node => node.IsCut);

    /// <summary>The form all its texts have; null if they differ, or have none.</summary>
    public TextForm? Form
    {
        get
        {
            var texts = Tallies.Sum(tally => tally.Of(FieldKinds.Text));
            return texts == 0 ? null : Enum.GetValues<TextForm>().Where(form => TextForms.FormatOf(form) is not null).Cast<TextForm?>()
                .FirstOrDefault(form => Tallies.Sum(tally => tally.Of(form!.Value)) == texts);
        }
    }

    /// <summary>The few values it had, in order; null if there are many, or each came too seldom to be sure.</summary>
    public IReadOnlyList<string>? Values
    {
        get
        {
            const int ValuesMax = 12;
            const int PresentMin = 200;
            const int CountMin = 5;
            var counts = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var tally in Tallies.Where(tally => tally.Present > 0))
            {
                foreach (var (value, count) in tally.Values ?? new Dictionary<string, int>())
                {
                    counts[value] = counts.GetValueOrDefault(value) + count;
                }

                if (tally.Values is null)
                {
                    return null;
                }
            }

            // Of what a message may hold often, only the first is counted.
            return counts.Count is > 0 and <= ValuesMax && !IsRepeated && Present >= PresentMin && counts.Values.All(count => count >= CountMin) ? [.. counts.Keys.Order(StringComparer.Ordinal)] : null;
        }
    }

    /// <summary>The items of a list, or values of a map; null if none came.</summary>
    public SeenField? Items => Member(node => node.Path.EndsWith(FieldPath.Each, StringComparison.Ordinal) && !node.Path.EndsWith("\\*", StringComparison.Ordinal)).FirstOrDefault();

    /// <summary>The members of an object, by name.</summary>
    public IReadOnlyList<SeenField> Members => [.. Member(node => !FieldPath.Items(node.Parent!.Path).Equals(node.Path, StringComparison.Ordinal))];

    /// <summary>True if it is in every object of what it is in.</summary>
    public bool IsAlwaysIn(SeenField parent) => !IsRepeated && Present == parent.Tallies.Sum(tally => tally.Of(FieldKinds.Object));

    private bool IsRepeated => _nodes.Exists(node => node.IsRepeated);

    private IEnumerable<FieldTally> Tallies => _nodes.SelectMany(node => (FieldTally[])[node.Ever, node.Window]);

    private IEnumerable<SeenField> Member(Func<FieldNode, bool> fits) => _nodes.SelectMany(node => node.Members).Where(fits)
        .GroupBy(node => node.Path, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => new SeenField([.. group]) { Name = NameOf(group.Key, group.First().Parent!.Path) }).Where(field => field.Present > 0);

    private static string NameOf(string path, string parent) =>
        (parent.Length == 0 ? path : path[(parent.Length + 1)..]).Replace("\\.", ".", StringComparison.Ordinal).Replace("\\*", "*", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
}

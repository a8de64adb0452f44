namespace Trunkline.Samples.Training.Bundled;

/// <summary>A text of the bank: one mail, or a thread of them.</summary>
/// <param name="Kind"><c>thread</c>, <c>urgent</c>, <c>spam</c> or <c>ham</c>.</param>
/// <param name="Copies">How often it is filled and used.</param>
/// <param name="Charset">In which it is written if it can be.</param>
/// <param name="Subject">With slots.</param>
/// <param name="Parts">The mails' texts, with slots.</param>
internal sealed record BankText(string Kind, int Copies, string Charset, string Subject, IReadOnlyList<string> Parts);

/// <summary>Reads texts.txt and slots.txt.</summary>
internal static class TextBank
{
    public static IReadOnlyList<BankText> Read(string path)
    {
        var texts = new List<BankText>();
        foreach (var block in File.ReadAllText(path).Split("\n@").Skip(1))
        {
            var (head, body) = (block[..block.IndexOf('\n')], block[(block.IndexOf('\n') + 1)..]);
            var (words, subject) = (head.Split('|')[0].Split(' '), head[(head.IndexOf('|') + 1)..].Trim());
            string[] parts = [.. body.Split(["\n>>\n", "\n<<\n"], StringSplitOptions.None).Select(part => part.Trim())];
            texts.Add(new BankText(words[0], int.Parse(words[1], null), words[2], subject, parts));
        }

        return texts;
    }

    public static IReadOnlyDictionary<string, string[]> ReadSlots(string path) =>
        File.ReadAllLines(path).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1].Split("; "));
}

/// <summary>Fills slots: the same slot gets the same filling within one thread.</summary>
internal sealed class SlotFilling(IReadOnlyDictionary<string, string[]> slots, Random random)
{
    private readonly Dictionary<string, string> _chosen = new(StringComparer.Ordinal);

    public string this[string slot]
    {
        get
        {
            if (!_chosen.TryGetValue(slot, out var value))
            {
                value = slot == "order" ? random.Next(10_000, 99_999).ToString(System.Globalization.CultureInfo.InvariantCulture) : slots[slot][random.Next(slots[slot].Length)];
                _chosen[slot] = value;
            }

            return value;
        }
    }

    public string Fill(string text) => slots.Keys.Append("order").Aggregate(
        text, (filled, slot) => filled.Contains($"{{{slot}}}", StringComparison.Ordinal) ? filled.Replace($"{{{slot}}}", this[slot], StringComparison.Ordinal) : filled);
}

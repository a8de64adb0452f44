using System.Globalization;
using System.Text;

namespace Trunkline.Samples.Training.Bundled;

/// <summary>
/// Writes the bundled sample: the texts of texts.txt, each filled as often as it says, as mails of all shapes, in one fixed order, with
/// labels. The same input gives the same bytes.
/// </summary>
internal sealed class BundledGenerator(string bank, string target)
{
    private static readonly string[] s_closings = ["", "\n\nBest regards\n{name}", "\n\nThanks, {name}", "\n\n-- \n{name}", "\n\nKind regards from {city}", "\n\n{name}\nsent from my phone"];
    private static readonly MailShape[] s_shapes = Enum.GetValues<MailShape>();

    private readonly IReadOnlyDictionary<string, string[]> _slots = TextBank.ReadSlots(Path.Combine(bank, "slots.txt"));
    private readonly Random _random = new(20260101);
    private readonly List<(string Label, BundledMail Mail)> _mails = [];

    public int Run()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        foreach (var text in TextBank.Read(Path.Combine(bank, "texts.txt")))
        {
            for (var copy = 0; copy < text.Copies; copy++)
            {
                Add(text);
            }
        }

        WriteAll();
        return _mails.Count;
    }

    private void Add(BankText text)
    {
        var slots = new SlotFilling(_slots, _random);
        var customer = Address(slots["name"], text.Kind == "spam" ? "offers.example" : "example.org");
        var references = new List<string>();
        for (var part = 0; part < text.Parts.Count; part++)
        {
            var number = _mails.Count + 1;
            var fromTeam = part % 2 == 1;
            var id = string.Create(CultureInfo.InvariantCulture, $"{number:000}.{_random.Next():x}@{(fromTeam ? "support.example.com" : "example.org")}");
            var english = text.Parts[part].All(c => c < 0x250) && text.Charset is "utf-8" or "us-ascii" or "windows-1252";
            var closing = english && text.Kind != "spam" ? slots.Fill(s_closings[_random.Next(s_closings.Length)]) : "";
            _mails.Add((text.Kind == "thread" ? "ham" : text.Kind, new BundledMail
            {
                From = fromTeam ? "Support <support@example.com>" : customer,
                To = fromTeam ? customer : "support@example.com",
                Subject = (part == 0 ? "" : "Re: ") + slots.Fill(text.Subject),
                Text = slots.Fill(text.Parts[part]) + closing,
                Charset = text.Charset,
                Date = new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero).AddMinutes(17 * number),
                Id = id,
                References = [.. references],
                Shape = ShapeOf(number, text, part),
            }));
            references.Add(id);
        }
    }

    /// <summary>Threads keep their ids, so that they stay threads; text whose charset cannot be told from its bytes keeps its declaration.</summary>
    private static MailShape ShapeOf(int number, BankText text, int part)
    {
        var shape = number % 3 == 0 ? s_shapes[number / 3 % s_shapes.Length] : MailShape.Plain;
        var needsCharset = text.Charset is not ("utf-8" or "us-ascii" or "iso-8859-1" or "windows-1252");
        return (shape == MailShape.Nameless && (text.Parts.Count > 1 || part > 0))
            || (needsCharset && shape is MailShape.Undeclared or MailShape.WrongCharset or MailShape.RawSubject)
            ? MailShape.Base64
            : shape;
    }

    private static string Address(string name, string domain)
    {
        var user = new string([.. name.Normalize(NormalizationForm.FormD).Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]);
        return name.All(char.IsAscii) ? $"\"{name}\" <{user}@{domain}>" : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(name))}?= <{user}@{domain}>";
    }

    private void WriteAll()
    {
        var mails = Path.Combine(target, "mails");
        if (Directory.Exists(mails))
        {
            Directory.Delete(mails, recursive: true);
        }

        Directory.CreateDirectory(mails);
        var labels = new StringBuilder();
        for (var i = 0; i < _mails.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{i + 1:000}.eml");
            File.WriteAllBytes(Path.Combine(mails, name), new BundledMailWriter(_mails[i].Mail).Write());
            labels.Append(CultureInfo.InvariantCulture, $"{name}\t{_mails[i].Label}\n");
        }

        File.WriteAllText(Path.Combine(target, "labels.tsv"), labels.ToString());
    }
}

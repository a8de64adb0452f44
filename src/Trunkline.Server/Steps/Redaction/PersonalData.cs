using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Steps.Redaction;

/// <summary>
/// Finds personal data in a text by its form and puts something in its place. Rather a number too many than one too few. Linear in the
/// length of the text. Thread-safe.
/// </summary>
/// <param name="kinds">What is looked for.</param>
/// <param name="with">What stands in place of a kind.</param>
internal sealed class PersonalData(IReadOnlyList<RedactKind> kinds, Func<string, string> with)
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private const int PhoneDigitsMin = 7;
    private const int PhoneDigitsMax = 15;
    private const int CardDigitsMin = 13;
    private const int CardDigitsMax = 19;

    private static readonly Regex s_mail = new(@"[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}.-]{1,253}\.\p{L}{2,24}", Linear);
    private static readonly Regex s_card = new(@"[0-9](?:[ -]?[0-9]){12,}", Linear);
    private static readonly Regex s_phone = new(@"\+?[(]?[0-9](?:[ ().\u2009\u00a0/-]{0,2}[0-9]){6,}", Linear);
    private static readonly Regex s_date = new(@"^(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4})(?:[ ][0-9]{1,2})?$", Linear);

    /// <summary>The text without what was found.</summary>
    public string Redact(string text)
    {
        if (kinds.Contains(RedactKind.Mail) && text.Contains('@', StringComparison.Ordinal))
        {
            text = s_mail.Replace(text, with("mail"));
        }

        if (kinds.Contains(RedactKind.Card))
        {
            text = s_card.Replace(text, found => IsCard(found.Value) ? with("card") : found.Value);
        }

        return kinds.Contains(RedactKind.Phone) ? s_phone.Replace(text, found => IsPhone(found.Value) ? with("phone") : found.Value) : text;
    }

    /// <summary>True for a JSON number whose digits are those of a card.</summary>
    public bool IsCardNumber(string number) => kinds.Contains(RedactKind.Card) && number.All(char.IsAsciiDigit) && IsCard(number);

    private static bool IsCard(string text)
    {
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').ToArray();
        if (digits.Length is < CardDigitsMin or > CardDigitsMax)
        {
            return false;
        }

        // The check digit of ISO/IEC 7812: every second digit from the right counts twice.
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] * (i % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>Dates, addresses of machines and plain numbers are no phones; what begins like one or is written in groups is.</summary>
    private static bool IsPhone(string text)
    {
        var digits = text.Count(char.IsAsciiDigit);
        if (digits is < PhoneDigitsMin or > PhoneDigitsMax || s_date.IsMatch(text) || (text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out _)))
        {
            return false;
        }

        var isPlain = digits == text.Length;
        return isPlain ? text[0] == '0' : !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
    }
}

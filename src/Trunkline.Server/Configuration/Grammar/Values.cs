using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Templates;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>Single values that only project files have.</summary>
internal static partial class Values
{
    private const int UrlLengthMax = 2048;

    /// <summary>A name of something defined elsewhere in the project.</summary>
    public static ScalarType<string> Name { get; } = new("name", FaultCodes.BadName, (text, _) =>
        Names.Problem(text) is { } problem ? new ScalarReading<string>(null, "a name: " + problem, "Correct the name.") : new ScalarReading<string>(text));

    /// <summary>The name of a topic.</summary>
    public static ScalarType<string> Topic { get; } = new("topic name", FaultCodes.BadName, (text, _) =>
        TopicName.IsValid(text)
            ? new ScalarReading<string>(text)
            : new ScalarReading<string>(null, "a topic name: 1 to 249 of A-Z a-z 0-9 . _ -", "Correct the name."));

    /// <summary>The field of the body an answer is put into.</summary>
    public static ScalarType<string> Field { get; } = Scalars.Checked(
        "field name, such as `spam`",
        FaultCodes.BadValue,
        text => FieldPattern().IsMatch(text) && text is not ("__proto__" or "constructor" or "prototype")
            ? null
            : "a field name of letters, digits and _, up to 100, and not one JavaScript keeps for itself");

    /// <summary>A path HTTP ingest listens on.</summary>
    public static ScalarType<string> HttpPath { get; } = Scalars.Checked(
        "path, such as `/orders`",
        FaultCodes.BadValue,
        text => HttpPathPattern().IsMatch(text) && !text.Split('/').Any(part => part is "." or "..")
            ? null
            : "a path such as /orders: a slash, then letters, digits and . _ - /, up to 200, without empty parts");

    /// <summary>A path of a file or folder of the project.</summary>
    public static ScalarType<string> FilePath { get; } = Scalars.Checked("path, relative to the project's folder", FaultCodes.BadValue, PathProblem);

    /// <summary>A schema subject; topics are often named like theirs, so the same rule holds.</summary>
    public static ScalarType<string> Subject { get; } = Scalars.Checked(
        "subject name", FaultCodes.BadName, text => TopicName.IsValid(text) ? null : "a subject name: 1 to 249 of A-Z a-z 0-9 . _ -");

    /// <summary>A field of the messages of a topic.</summary>
    public static ScalarType<string> FieldPath { get; } = Scalars.Checked("field, such as `order.lines.*.sku`", FaultCodes.BadValue, Names.FieldProblem);

    /// <summary>An address to call.</summary>
    public static ScalarType<Uri> Url { get; } = new("http or https URL", FaultCodes.BadUrl, (text, _) => ReadUrl(text, queryAllowed: true));

    /// <summary>An address to call that is a secret itself.</summary>
    public static ScalarType<Uri> SecretUrl { get; } = new("http or https URL, best as `${VAR}`", FaultCodes.BadUrl, (text, _) => ReadUrl(text, queryAllowed: true)) { IsSecret = true };

    /// <summary>A Liquid template.</summary>
    public static ScalarType<string> Template { get; } = Scalars.Checked(
        "Liquid template over `message` and `meta`", FaultCodes.BadValue, text => TextTemplate.Problem(text) is { } problem ? "a Liquid template: " + Printable.Show(problem, 200) : null);

    /// <summary>A template of an address whose scheme and host no message can change.</summary>
    public static ScalarType<string> FixedHostTemplate { get; } = Scalars.Checked(
        "URL with written out host, a Liquid template behind it",
        FaultCodes.BadUrl,
        text => TextTemplate.Problem(text) is { } problem ? "a Liquid template: " + Printable.Show(problem, 200)
            : FixedHostPattern().Match(text) is { Success: true } host && Uri.TryCreate(host.Value, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 ? null
            : "an http or https address whose host is written out, such as https://crm.example.com/customers/{{ message.customer }}");

    /// <summary>An address other addresses are made from.</summary>
    public static ScalarType<Uri> BaseUrl { get; } = new("http or https URL without query", FaultCodes.BadUrl, (text, _) => ReadUrl(text, queryAllowed: false));

    /// <summary>An address to listen on.</summary>
    public static ScalarType<string> Listen { get; } = new("address such as `http://127.0.0.1:7420`", FaultCodes.BadUrl, (text, _) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "http" && url.AbsolutePath == "/" && url.UserInfo.Length == 0
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.Host.Length > 0
            ? new ScalarReading<string>(text.TrimEnd('/'))
            : new ScalarReading<string>(null, "an address such as http://127.0.0.1:7420", "Write http://, a host and a port, nothing after it; port 0 picks a free one."));

    /// <summary>A host a request may name.</summary>
    public static ScalarType<string> Host { get; } = Scalars.Checked(
        "host name", FaultCodes.BadValue, text => Uri.CheckHostName(text) == UriHostNameType.Unknown ? "a host name or address, without scheme and port" : null);

    /// <summary>A web origin.</summary>
    public static ScalarType<string> Origin { get; } = Scalars.Checked(
        "origin, such as `https://desk.example.com`",
        FaultCodes.BadUrl,
        text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            && string.Equals(url.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase)
            ? null
            : "an origin of scheme, host and port only, such as https://desk.example.com");

    /// <summary>A host, an address or a network.</summary>
    public static ScalarType<string> Address { get; } = Scalars.Checked(
        "host, address or network",
        FaultCodes.BadValue,
        text => IPNetwork.TryParse(text, out _) || Uri.CheckHostName(text) != UriHostNameType.Unknown
            ? null
            : "a host, an address or a network, such as db.internal, 10.1.2.3 or 10.1.0.0/16");

    /// <summary>A share of a whole.</summary>
    public static ScalarType<double> Share { get; } = new("number from 0 to 1", FaultCodes.BadValue, (text, _) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1
            ? new ScalarReading<double>(share)
            : new ScalarReading<double>(0, "a number from 0 to 1", "Write a share such as 0.01 for one in a hundred."))
    {
        Form = () => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 },
    };

    /// <summary>When an append is acknowledged.</summary>
    public static ScalarType<Durability> Durability { get; } = new("`sync`, `interval(50ms)` or `none`", FaultCodes.BadValue, (text, _) => ReadDurability(text))
    {
        Form = () => Scalars.Pattern(@"^(sync|none|interval\([0-9]+(\.[0-9]+)?(ms|s|m)\))$"),
    };

    /// <summary>A day of the calendar: its beginning, in UTC.</summary>
    public static ScalarType<DateTimeOffset> Day { get; } = new("day such as `2027-01-31`", FaultCodes.BadValue, (text, _) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) && day.Year < 9999
            ? new ScalarReading<DateTimeOffset>(day)
            : new ScalarReading<DateTimeOffset>(default, "a day, such as 2027-01-31"));

    /// <summary>Lower-case hex SHA-256.</summary>
    public static ScalarType<string> Sha256 { get; } = new("64 hex digits", FaultCodes.BadValue, (text, _) =>
        text.Length == 64 && text.All(char.IsAsciiHexDigit)
            ? new ScalarReading<string>(text.ToLower(CultureInfo.InvariantCulture))
            : new ScalarReading<string>(null, "a SHA-256 of 64 hex digits", "Write the output of: printf %s TOKEN | sha256sum"))
    {
        IsSecret = true,
        Form = () => Scalars.Pattern("^[0-9A-Fa-f]{64}$"),
    };

    private static string? PathProblem(string text) =>
        text.Trim().Length is > 0 and <= 4096 && !text.Contains('\0', StringComparison.Ordinal) ? null : "a path";

    private static ScalarReading<Uri> ReadUrl(string text, bool queryAllowed)
    {
        const string Expected = "an absolute http or https URL";
        if (text.Length > UrlLengthMax || text.Any(c => c <= ' ') || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.Host.Length == 0)
        {
            return new ScalarReading<Uri>(null, Expected, "Write it as https://host/path.");
        }

        if (url.UserInfo.Length > 0)
        {
            return new ScalarReading<Uri>(null, Expected + " without user and password", "Take them out; use the token or secret key instead.");
        }

        return url.Fragment.Length > 0 || (!queryAllowed && url.Query.Length > 0)
            ? new ScalarReading<Uri>(null, Expected + (queryAllowed ? " without fragment" : " without query and fragment"), "Take what follows ? or # out.")
            : new ScalarReading<Uri>(url);
    }

    private static ScalarReading<Durability> ReadDurability(string text)
    {
        if (text is "sync" or "none")
        {
            return new ScalarReading<Durability>(text == "sync" ? Messaging.Topics.Durability.Sync : Messaging.Topics.Durability.None);
        }

        return text.StartsWith("interval(", StringComparison.Ordinal) && text.EndsWith(')')
            && DurationText.TryParse(text["interval(".Length..^1].Trim(), out var interval)
            && interval >= TimeSpan.FromMilliseconds(1) && interval <= TimeSpan.FromMinutes(1)
            ? new ScalarReading<Durability>(new Durability(DurabilityKind.Interval, interval))
            : new ScalarReading<Durability>(default, "sync, interval(1ms to 1m) or none", Suggestion.Remedy(text, ["sync", "none"], "Write sync, interval(50ms) or none."));
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex FieldPattern();

    [GeneratedRegex(@"^https?://[^/?#{%\s\\]+/")]
    private static partial Regex FixedHostPattern();

    [GeneratedRegex(@"^(/[A-Za-z0-9._-]{1,100}){1,20}\z")]
    private static partial Regex HttpPathPattern();
}

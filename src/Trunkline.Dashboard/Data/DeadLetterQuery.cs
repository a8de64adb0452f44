using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Which dead letters a page asks for; what is empty or not known asks for nothing.</summary>
public sealed record DeadLetterQuery
{
    private const string NextPrefix = "/api/v1/dead?";
    private const int TextMax = 500;

    /// <summary>How far back, by name; the first is all.</summary>
    public static IReadOnlyList<(string Name, TimeSpan? Age)> Ages { get; } =
        [("any time", null), ("1h", TimeSpan.FromHours(1)), ("24h", TimeSpan.FromHours(24)), ("7d", TimeSpan.FromDays(7))];

    /// <summary>The flow, or null for all.</summary>
    public string? Flow { get; init; }

    /// <summary>The code of the cause.</summary>
    public string? Cause { get; init; }

    /// <summary>The step or sink.</summary>
    public string? Step { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>One of <see cref="Ages"/>, or null for all.</summary>
    public string? Since { get; init; }

    /// <summary>A later page: path and query of the API, as it told; null for the first.</summary>
    public string? Next { get; init; }

    /// <summary>Whether anything narrows it.</summary>
    public bool Narrows => Flow is not null || Cause is not null || Step is not null || Tenant is not null || Since is not null;

    /// <summary>Reads a query string or a form.</summary>
    /// <param name="value">The value of a name.</param>
    public static DeadLetterQuery Read(Func<string, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new DeadLetterQuery
        {
            Flow = Text(value("flow")),
            Cause = Text(value("cause")),
            Step = Text(value("step")),
            Tenant = Text(value("tenant")),
            Since = Ages.Skip(1).Select(age => age.Name).FirstOrDefault(name => name == value("since")),

            // Only what the API gave out itself, so that a link cannot send the reader elsewhere in it.
            Next = value("next") is { } next && next.StartsWith(NextPrefix, StringComparison.Ordinal) ? next : null,
        };
    }

    /// <summary>As the API takes it.</summary>
    public DeadLetterSelection Selection(DateTimeOffset now) => new()
    {
        Cause = Cause,
        Step = Step,
        Tenant = Tenant,
        Since = Ages.FirstOrDefault(age => age.Name == Since).Age is { } age ? now - age : null,
    };

    /// <summary>The page that shows it.</summary>
    public string Address
    {
        get
        {
            var query = QueryString.Empty;
            foreach (var (name, value) in Fields.Append(("next", Next)))
            {
                query = value is null ? query : query.Add(name, value);
            }

            return "/dead" + query.ToUriComponent();
        }
    }

    /// <summary>Names and values, for a form; the later page left out.</summary>
    public IReadOnlyList<(string Name, string? Value)> Fields => [("flow", Flow), ("cause", Cause), ("step", Step), ("tenant", Tenant), ("since", Since)];

    /// <summary>The options of the command line that mean the same.</summary>
    /// <param name="now">The time; what is relative is told as an instant.</param>
    public string Options(DateTimeOffset now)
    {
        var selection = Selection(now);
        (string Name, string? Value)[] options =
            [("cause", Cause), ("step", Step), ("tenant", Tenant), ("since", selection.Since is { } since ? Readable.Iso(since) : null)];
        return string.Concat(options.Where(option => option.Value is not null).Select(option => $" --{option.Name} {ShellText.Quote(option.Value!)}"));
    }

    private static string? Text(string? value) => value is { Length: > 0 and <= TextMax } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}

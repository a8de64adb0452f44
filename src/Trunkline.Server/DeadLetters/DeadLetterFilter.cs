using Trunkline.Messaging;

namespace Trunkline.Server.DeadLetters;

/// <summary>Which dead letters are meant: those that fit all that is given.</summary>
internal sealed record DeadLetterFilter
{
    /// <summary>The code of the cause.</summary>
    public string? Cause { get; init; }

    /// <summary>The step or sink.</summary>
    public string? Step { get; init; }

    /// <summary>The type of the exception.</summary>
    public string? Exception { get; init; }

    /// <summary>The key, as text.</summary>
    public string? Key { get; init; }

    /// <summary>The message's id.</summary>
    public string? Id { get; init; }

    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Those that failed for good at or after this.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those that failed for good before this.</summary>
    public DateTimeOffset? Until { get; init; }

    public bool Fits(DeadLetterRecord letter)
    {
        var message = letter.Stored.Message;
        return Fits(Cause, letter.Cause)
            && Fits(Step, letter.Step)
            && Fits(Exception, letter.ExceptionType)
            && (Id is null || message.Id.Value == Id)
            && (Key is null || message.Key == MessageKey.FromText(Key))
            && (Tenant is null || message.Headers.Text(HeaderNames.Tenant) == Tenant)
            && (Since is null || letter.FailedAt >= Since)
            && (Until is null || letter.FailedAt < Until);
    }

    private static bool Fits(string? wanted, string? found) => wanted is null || string.Equals(wanted, found, StringComparison.Ordinal);

    /// <summary>For changes and people; ids and keys are data of users and are not told.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        Add("cause", Cause);
        Add("step", Step);
        Add("exception", Exception);
        Add("tenant", Tenant);
        Add("key", Key is null ? null : "(one)");
        Add("id", Id is null ? null : "(one)");
        Add("since", Since?.ToString("O"));
        Add("until", Until?.ToString("O"));
        return parts.Count == 0 ? "all" : string.Join(", ", parts);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                parts.Add($"{name} {value}");
            }
        }
    }
}

using Trunkline.Client.Api;
using Trunkline.Core.Errors;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.DeadLetters;

namespace Trunkline.Server.Api.DeadLetters;

/// <summary>What a request asks of dead letters.</summary>
/// <param name="Flow">Only this flow's.</param>
/// <param name="Cause">The code of the cause.</param>
/// <param name="Step">The step or sink.</param>
/// <param name="Exception">The type of the exception.</param>
/// <param name="Key">The key, as text.</param>
/// <param name="Id">The message's id.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Since">Those that failed for good at or after this.</param>
/// <param name="Until">Those that failed for good before this.</param>
/// <param name="State"><c>open</c> (default), <c>done</c> or <c>all</c>.</param>
internal sealed record DeadLetterQuery(
    string? Flow, string? Cause, string? Step, string? Exception, string? Key, string? Id, string? Tenant, DateTimeOffset? Since, DateTimeOffset? Until, string? State)
{
    private const int TextLengthMax = 1000;

    public DeadLetterFilter Filter()
    {
        foreach (var (name, text) in new[] { ("cause", Cause), ("step", Step), ("exception", Exception), ("key", Key), ("id", Id), ("tenant", Tenant) })
        {
            Check(name, text);
        }

        return new DeadLetterFilter { Cause = Cause, Step = Step, Exception = Exception, Key = Key, Id = Id, Tenant = Tenant, Since = Since, Until = Until };
    }

    /// <summary>Whether a dead letter's state is asked for.</summary>
    public Func<DeadLetterRecord, bool> IsInState() => State switch
    {
        null or "open" => letter => letter.Mark is null,
        "done" => letter => letter.Mark is not null,
        "all" => _ => true,
        _ => throw new ProblemException(ErrorCodes.RequestParameterInvalid, "state is open, done or all."),
    };

    /// <summary>The filter of a body.</summary>
    public static DeadLetterFilter FilterOf(DeadLetterSelection? selection)
    {
        var wanted = selection ?? throw new ProblemException(ErrorCodes.RequestBodyInvalid, "selection is missing; an empty one means all.");
        return new DeadLetterQuery(
            null, wanted.Cause, wanted.Step, wanted.Exception, wanted.Key, wanted.Id, wanted.Tenant, wanted.Since, wanted.Until, null).Filter();
    }

    public static DeadLetterSelection SelectionOf(DeadLetterFilter filter) => new()
    {
        Cause = filter.Cause,
        Step = filter.Step,
        Exception = filter.Exception,
        Key = filter.Key,
        Id = filter.Id,
        Tenant = filter.Tenant,
        Since = filter.Since,
        Until = filter.Until,
    };

    private static void Check(string name, string? text)
    {
        if (text is { Length: 0 or > TextLengthMax })
        {
            throw new ProblemException(ErrorCodes.RequestParameterInvalid, $"{name} has 1 to {TextLengthMax} characters.");
        }
    }
}

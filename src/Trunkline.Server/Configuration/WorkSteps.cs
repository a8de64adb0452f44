using Trunkline.Core.Config;

namespace Trunkline.Server.Configuration;

/// <summary><c>enrich: { url, output, … }</c>: asks an HTTP service and puts its answer into the body.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Url">Template of the address; scheme and host are fixed.</param>
/// <param name="Output">Field of the body the answer is put into.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record EnrichStepConfig(string Name, string Url, string Output, SourceLocation Where) : StepConfig(Name, Where)
{
    /// <summary>Expression: what is posted, as JSON; null to get instead.</summary>
    public string? Body { get; init; }

    /// <summary>Bearer token; null for none.</summary>
    public Secret? Token { get; init; }

    /// <summary>Bound on one call. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a 404 fails the message; else the field is null then. Default false.</summary>
    public bool FailsIfMissing { get; init; }
}

/// <summary>What a redaction finds by its form.</summary>
public enum RedactKind
{
    /// <summary>Mail addresses.</summary>
    Mail,

    /// <summary>Phone numbers.</summary>
    Phone,

    /// <summary>Payment cards, by their check digit.</summary>
    Card,
}

/// <summary><c>redact: { kinds, fields, names, with }</c>: takes personal data out of the body's texts.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Kinds">What is found by its form.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record RedactStepConfig(string Name, IReadOnlyList<RedactKind> Kinds, SourceLocation Where) : StepConfig(Name, Where)
{
    /// <summary>Fields of the body that are looked at; none for all.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>A model that finds names of people; null to leave them.</summary>
    public string? Names { get; init; }

    /// <summary>What stands in place; <c>{kind}</c> in it becomes <c>mail</c>, <c>phone</c>, <c>card</c> or <c>name</c>. Default <c>[{kind}]</c>.</summary>
    public string With { get; init; } = "[{kind}]";
}

/// <summary><c>split: { list, max }</c>: each element of a list goes on as a message of its own, all in one commit.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="List">Expression: the list.</param>
/// <param name="Max">The most elements; a longer list is a dead letter.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record SplitStepConfig(string Name, string List, int Max, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>batch: { size, within }</c>: bodies of a key go on together, as one message with their list.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Size">How many at most.</param>
/// <param name="Within">How long the first waits at most.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record BatchStepConfig(string Name, int Size, TimeSpan Within, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>join: { of, by, within, missing }</c>: messages of a key, one of each sort, go on together.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Of">The sorts.</param>
/// <param name="By">Expression: the sort of a message.</param>
/// <param name="Within">How long the first waits for the others.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record JoinStepConfig(string Name, IReadOnlyList<string> Of, string By, TimeSpan Within, SourceLocation Where) : StepConfig(Name, Where)
{
    /// <summary>Whether what came goes on when the time is over; else it ends there. Default true.</summary>
    public bool GoesOnWithout { get; init; } = true;
}

/// <summary>Who shares a rate.</summary>
public enum ThrottleShare
{
    /// <summary>All messages of the flow.</summary>
    All,

    /// <summary>Each tenant for itself.</summary>
    Tenant,

    /// <summary>Each key for itself.</summary>
    Key,
}

/// <summary><c>throttle: { messages, per, each }</c>: lets so many messages through in a time; the others wait.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Messages">How many.</param>
/// <param name="Per">In how long.</param>
/// <param name="Each">Who shares it.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record ThrottleStepConfig(string Name, int Messages, TimeSpan Per, ThrottleShare Each, SourceLocation Where) : StepConfig(Name, Where);

/// <summary><c>exec: { command, … }</c>: a program gets the body on its standard input, and what it prints becomes the body.</summary>
/// <param name="Name">See <see cref="StepConfig"/>.</param>
/// <param name="Command">Program and arguments; no shell is in between.</param>
/// <param name="Directory">Where it runs, absolute.</param>
/// <param name="Where">See <see cref="StepConfig"/>.</param>
public sealed record ExecStepConfig(string Name, IReadOnlyList<string> Command, string Directory, SourceLocation Where) : StepConfig(Name, Where)
{
    /// <summary>Field of the body that gets what it prints; null for the whole body.</summary>
    public string? Output { get; init; }

    /// <summary>Bound on one message. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Memory it may hold with all it starts, in bytes. Default 512 MiB.</summary>
    public long MemoryMax { get; init; } = 512L * 1024 * 1024;

    /// <summary>Processes it may be, itself included. Default 32.</summary>
    public int ProcessesMax { get; init; } = 32;

    /// <summary>Programs that stay and take a line a message; 0 for a program a message. Default 0.</summary>
    public int Pool { get; init; }

    /// <summary>Variables it sees besides PATH, HOME, LANG and TZ.</summary>
    public IReadOnlyList<(string Name, Secret Value)> Environment { get; init; } = [];

    /// <summary>Whether what it writes to standard error goes to the node's log. Default false: it may hold what messages say.</summary>
    public bool LogsErrors { get; init; }
}

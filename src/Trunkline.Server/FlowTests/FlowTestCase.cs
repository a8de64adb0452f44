using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Messaging;
using Trunkline.Server.Effects;
using Trunkline.Server.Configuration;
using Trunkline.Server.Faults;

namespace Trunkline.Server.FlowTests;

/// <summary>One test, read and checked. Immutable.</summary>
internal sealed record FlowTestCase
{
    public required string Name { get; init; }

    public required SourceLocation Where { get; init; }

    public required FlowConfig Flow { get; init; }

    /// <summary>The messages, in the order sent; their ids differ.</summary>
    public required IReadOnlyList<Message> Sent { get; init; }

    /// <summary>When each of them is sent, counted from the start; never falling.</summary>
    public required IReadOnlyList<TimeSpan> SentAfter { get; init; }

    /// <summary>What the outside does; the first that fits holds.</summary>
    public required IReadOnlyList<EffectRule> Effects { get; init; }

    public required ExpectedResult Expected { get; init; }
}

/// <summary>What a call to the outside gets.</summary>
internal sealed record EffectRule
{
    public required EffectKind Kind { get; init; }

    /// <summary>Model, sink, or step of the host's code.</summary>
    public required string Name { get; init; }

    /// <summary>Text that what is sent must contain; null for always.</summary>
    public string? Input { get; init; }

    /// <summary>How often it holds; null for always.</summary>
    public int? Times { get; init; }

    /// <summary>JSON in UTF-8; null for none.</summary>
    public ReadOnlyMemory<byte>? Answer { get; init; }

    /// <summary>HTTP status; null for none.</summary>
    public int? Status { get; init; }

    public FaultKind? Fault { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the rule is for all tests of its file.</summary>
    public bool OfFile { get; init; }

    public SourceLocation Where { get; init; }
}

/// <summary>What must come of a test.</summary>
internal sealed record ExpectedResult
{
    public required SourceLocation Where { get; init; }

    /// <summary>By message, in the order sent; null if not looked at.</summary>
    public IReadOnlyList<Located<string>>? Outcomes { get; init; }

    public IReadOnlyList<Named<IReadOnlyList<ExpectedMessage>>> Sinks { get; init; } = [];

    public IReadOnlyList<ExpectedDead> Dead { get; init; } = [];

    public IReadOnlyList<Named<IReadOnlyList<Located<string>>>> Order { get; init; } = [];
}

/// <summary>A message a sink must get; null is not looked at.</summary>
internal sealed record ExpectedMessage(SourceLocation Where, AnyValue? Body, IReadOnlyList<Located<string>> Conditions, ExpectedText? Key, ExpectedText? From, IReadOnlyList<Named<string>> Headers);

/// <summary>A text and where it is written.</summary>
internal sealed record ExpectedText(string Text, SourceLocation Where);

/// <summary>A dead letter there must be; null is not looked at.</summary>
internal sealed record ExpectedDead(SourceLocation Where, string? From, string? Cause, string? Step, int? Attempts);

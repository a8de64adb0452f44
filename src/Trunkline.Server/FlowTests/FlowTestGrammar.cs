using System.Globalization;
using System.Text.Json.Nodes;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Faults;

namespace Trunkline.Server.FlowTests;

/// <summary>A file of tests: the one description that the reader, the JSON Schema and the reference page are made from.</summary>
internal static class FlowTestGrammar
{
    /// <summary>Longest name of a test, in characters.</summary>
    public const int NameLengthMax = 200;

    public static readonly ScalarType<DateTimeOffset> TimeType = new(
        "time, such as `2026-01-31T09:30:00Z`",
        FaultCodes.BadValue,
        (text, _) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new ScalarReading<DateTimeOffset>(time)
            : new ScalarReading<DateTimeOffset>(default, "a time such as 2026-01-31T09:30:00Z"))
    { Form = () => new JsonObject { ["type"] = "string", ["format"] = "date-time" } };

    public static readonly ScalarType<string> OutcomeType = Scalars.Checked(
        "`branch-1`, `branch-2` …, `filtered` or `dead`",
        FaultCodes.BadValue,
        text => text is FlowTestOutcome.Filtered or FlowTestOutcome.Dead || FlowTestOutcome.BranchOf(text) is not null
            ? null
            : "branch- and its number from 1, filtered, or dead");

    private static readonly MapType<string> HeadersType = new("header", HeaderProblem, "^.+$", Scalars.Text);

    // Messages in.
    public static readonly GrammarKey<AnyValue> SendBody = new("body", new AnyType(), "The payload, sent as JSON.");
    public static readonly GrammarKey<string> SendMail = new("mail", Values.FilePath, "A file of a mail, relative to this file, sent as its bytes.");
    public static readonly GrammarKey<string> SendText = new("text", Scalars.Text, "The payload, sent as plain text.");
    public static readonly GrammarKey<string> SendId = new("id", Scalars.Text, "Its id; expectations name the message by it.") { Default = "`m1`, `m2`, … by place" };
    public static readonly GrammarKey<string> SendKey = new("key", Scalars.Text, "Its key.") { Default = "none" };
    public static readonly GrammarKey<IReadOnlyList<Named<string>>> SendHeaders = new("headers", HeadersType, "Its headers.") { Default = "none" };
    public static readonly GrammarKey<DateTimeOffset> SendTime = new("time", TimeType, "Its time: what `meta.time` and `Date` tell.") { Default = "`2026-01-01T00:00:00Z`, and `after` later" };

    public static readonly GrammarKey<TimeSpan> SendAfter = new(
        "after", Scalars.Duration(TimeSpan.Zero, TimeSpan.FromDays(3650)), "When it is sent, counted from the start of the test; never before the message above it.")
    { Default = "at once" };

    public static readonly ObjectType Send = new(
        "send", "A message the flow gets. Exactly one of body, mail and text.", SendBody, SendMail, SendText, SendId, SendKey, SendHeaders, SendTime, SendAfter)
    { OneOf = [SendBody, SendMail, SendText] };

    // What the outside does.
    public static readonly GrammarKey<string> EffectModel = new("model", Values.Name, "A model of the project.");
    public static readonly GrammarKey<string> EffectWebhook = new("webhook", Values.Name, "A webhook sink of the flow, by its name, such as `webhook-1`.");
    public static readonly GrammarKey<string> EffectUse = new("use", Values.Name, "A step of the host's own code, by the name `use` gives it.");
    public static readonly GrammarKey<string> EffectStep = new("step", Values.Name, "A step `enrich` or `exec`, by its name, such as `enrich-1`.");
    public static readonly GrammarKey<string> EffectInput = new("input", Scalars.Text, "Only where what is sent contains this text.") { Default = "always" };
    public static readonly GrammarKey<int> EffectTimes = new("times", Scalars.WholeNumber(1, 10_000), "How often it holds; then the next entry that fits does.") { Default = "1 with `fail`, else always" };
    public static readonly GrammarKey<AnyValue> EffectAnswer = new("answer", new AnyType(), "What the model, or the step, answers.");
    public static readonly GrammarKey<int> EffectStatus = new("status", Scalars.WholeNumber(200, 599), "The status the webhook's receiver answers.");

    public static readonly GrammarKey<FaultKind> EffectFail = new(
        "fail",
        new ChoiceType<FaultKind>(
            ("timeout", FaultKind.Timeout),
            ("rate-limited", FaultKind.RateLimited),
            ("unavailable", FaultKind.Unavailable),
            ("refused", FaultKind.Refused),
            ("garbage", FaultKind.Garbage),
            ("crash", FaultKind.Crash)),
        "How it fails. `rate-limited` is a 429, `unavailable` a 503, `refused` a 400, `garbage` an answer that is not JSON; `crash` ends the process before the answer is there: a new one runs the message again.");

    public static readonly GrammarKey<TimeSpan> EffectRetryAfter = new(
        "retryAfter", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)), "With a failure: when the far side wants the next try at the earliest.")
    { Default = "not told" };

    public static readonly ObjectType Effect = new(
        "effect",
        "What a call to the outside gets: whom it is to (exactly one of model, webhook, step and use), and exactly one of answer, status and fail. The first entry that fits holds.",
        EffectModel,
        EffectWebhook,
        EffectStep,
        EffectUse,
        EffectInput,
        EffectTimes,
        EffectAnswer,
        EffectStatus,
        EffectFail,
        EffectRetryAfter)
    { OneOf = [EffectModel, EffectWebhook, EffectStep, EffectUse] };

    // What is expected.
    public static readonly GrammarKey<AnyValue> OutBody = new("body", new AnyType(), "The fields that must be there with these values; the message may hold more. Lists must be of equal length.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> OutWhere = new(
        "where", new ListType<string>(Scalars.Expression) { AllowSingle = true, ItemsMax = 100 }, "What must be true of the message, such as `message.spam.probability > 0.9`.");

    public static readonly GrammarKey<string> OutKey = new("key", Scalars.Text, "Its key.");
    public static readonly GrammarKey<IReadOnlyList<Named<string>>> OutHeaders = new("headers", HeadersType, "Headers that must be there with these values; there may be more.");
    public static readonly GrammarKey<string> OutFrom = new("from", Scalars.Text, "The id of the message it was made of.");

    public static readonly ObjectType Out = new("message", "A message a sink gets; what is not written is not looked at.", OutBody, OutWhere, OutKey, OutHeaders, OutFrom);

    public static readonly GrammarKey<string> DeadFrom = new("from", Scalars.Text, "The id of the message.");
    public static readonly GrammarKey<string> DeadCause = new("cause", Scalars.Text, "The code, such as `step.model-rate-limited`.");
    public static readonly GrammarKey<string> DeadStep = new("step", Values.Name, "The step or sink that failed.");
    public static readonly GrammarKey<int> DeadAttempts = new("attempts", Scalars.WholeNumber(1, 10_000), "How often it was tried.");
    public static readonly ObjectType Dead = new("dead", "A dead letter; what is not written is not looked at.", DeadFrom, DeadCause, DeadStep, DeadAttempts);

    public static readonly GrammarKey<IReadOnlyList<Named<IReadOnlyList<Located<ObjectValues>>>>> ExpectSinks = new(
        "sinks",
        new MapType<IReadOnlyList<Located<ObjectValues>>>("sink", Names.TopicProblem, Names.TopicPattern, new ListType<ObjectValues>(Out) { AllowSingle = true }),
        "Per sink, by name (a topic's name, `webhook-1`), all messages it gets: no other, none twice, those of one key in the order written. `[]` is none. Sinks not named are not looked at.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> ExpectOutcomes = new(
        "outcomes", new ListType<string>(OutcomeType) { AllowSingle = true }, "What became of each message, in the order sent.");

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> ExpectDead = new(
        "dead", new ListType<ObjectValues>(Dead) { AllowSingle = true }, "All dead letters of the flow and its sinks, in any order.")
    { Default = "`[]`: there is none" };

    public static readonly GrammarKey<IReadOnlyList<Named<IReadOnlyList<Located<string>>>>> ExpectOrder = new(
        "order",
        new MapType<IReadOnlyList<Located<string>>>("key", _ => null, "", new ListType<string>(Scalars.Text) { ItemsMin = 2 }),
        "Per key, the ids of its messages in the order every sink must get what was made of them.");

    public static readonly ObjectType Expect = new("expect", "What must come of it.", ExpectOutcomes, ExpectSinks, ExpectDead, ExpectOrder);

    // Tests.
    public static readonly ListType<ObjectValues> Effects = new(Effect) { AllowSingle = true };
    public static readonly GrammarKey<string> TestFlow = new("flow", Values.Name, "The flow.") { Default = "the file's" };
    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> TestSend = new("send", new ListType<ObjectValues>(Send) { AllowSingle = true, ItemsMin = 1 }, "The messages the flow gets, in order.") { Required = true };
    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> TestEffects = new("effects", Effects, "What the outside does; tried before the file's.") { Default = "the file's" };
    public static readonly GrammarKey<ObjectValues> TestExpect = new("expect", Expect, "What must come of it.") { Required = true };
    public static readonly ObjectType Test = new("test", "Messages in, what the outside does meanwhile, and what must come of it.", TestFlow, TestSend, TestEffects, TestExpect);

    public static readonly GrammarKey<string> FileFlow = new("flow", Values.Name, "The flow of all tests that name none.");
    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> FileEffects = new("effects", Effects, "What the outside does, for all tests of the file.");

    public static readonly GrammarKey<IReadOnlyList<Named<ObjectValues>>> Tests = new(
        "tests", new MapType<ObjectValues>("test", NameProblem, "^.{1,200}$", Test), "Tests by name: a sentence.")
    { Required = true };

    public static readonly ObjectType Type = new("test file", "Tests of flows.", FileFlow, FileEffects, Tests);

    private static string? NameProblem(string name) =>
        name.Length is 0 or > NameLengthMax || name.Any(char.IsControl) ? "it must be 1 to 200 characters without control characters" : null;

    private static string? HeaderProblem(string name) => name.Length is 0 or > 256 || name.Any(char.IsControl) ? "it must be 1 to 256 characters" : null;
}

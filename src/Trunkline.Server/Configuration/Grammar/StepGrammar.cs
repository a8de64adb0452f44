using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of a flow's <c>steps</c>.</summary>
internal static class StepGrammar
{
    public static readonly GrammarKey<string> InferModel = new("model", Values.Name, "The model: a name under `models`.") { Required = true };
    public static readonly GrammarKey<string> InferInput = new("input", Scalars.Expression, "What is sent.") { Default = "`message.text`" };
    public static readonly GrammarKey<string> InferOutput = new("output", Values.Field, "Field of the body the answer is put into.") { Default = "the model's name" };

    public static readonly GrammarKey<OverloadPolicy> OverloadDo = new(
        "do",
        new ChoiceType<OverloadPolicy>(("buffer", OverloadPolicy.Buffer), ("shed", OverloadPolicy.Shed)),
        "`buffer`: the message waits as long as it takes, those behind it stay in the topic. `shed`: it becomes a dead letter, the lower its priority the sooner.");

    public static readonly GrammarKey<string> OverloadReroute = new("reroute", Values.Name, "Another model is asked: a name under `models`. The output says so.");

    public static readonly ObjectType OverloadType = new(
        "overload", "What happens while a model has no room: as many calls run as it takes, it fails, it asks to slow down, or a budget is used up.", OverloadDo, OverloadReroute)
    { Shorthand = OverloadDo, OneOf = [OverloadDo, OverloadReroute] };

    public static readonly GrammarKey<ObjectValues> InferOverload = new("overload", OverloadType, "What happens while the model has no room.")
    { Default = "`buffer`, but that a 429 counts as a try" };

    public static readonly GrammarKey<ObjectValues> InferFallback = new("fallback", ModelAnswerGrammar.FallbackType, "What is asked when the model fails.")
    { Default = "the model's own" };

    public static readonly GrammarKey<bool> MemoIs = new("is", Scalars.Boolean, "Whether answers are remembered.") { Default = "`true`" };
    public static readonly GrammarKey<TimeSpan> MemoTtl = new("ttl", Scalars.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)), "How long.") { Default = "7d" };

    public static readonly GrammarKey<bool> MemoScope = new(
        "scope", new ChoiceType<bool>(("message", false), ("key", true)), "For the same message, or for all messages of a key.")
    { Default = "`message`" };

    public static readonly ObjectType MemoType = new(
        "memo",
        "Answers are remembered, durable before they are used: the same question (message or key, model and version, input) is not asked again, through retries, restarts and redrives. Answers above 1 MiB are not remembered.",
        MemoIs,
        MemoTtl,
        MemoScope)
    { Shorthand = MemoIs };

    public static readonly GrammarKey<ObjectValues> InferMemo = new("memo", MemoType, "Remembers answers.") { Default = "`false`" };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> InferTools = new(
        "tools", new ListType<string>(Scalars.Text) { AllowSingle = true, ItemsMax = 128 },
        "Tools the model may ask to call, by their names in its `tools` file; the answer has them in `toolCalls`. A call of any other is a failure.")
    { Default = "none" };

    public static readonly GrammarKey<bool> InferStream = new(
        "stream",
        Scalars.Boolean,
        "The answer's text goes on as it comes, piece by piece, to those who follow the flow's sinks `sse` and `websocket`, before later steps and branches saw it. Once there was a piece no fallback is asked.")
    { Default = "`false`" };

    public static readonly ObjectType InferType = new(
        "infer",
        "Asks a model and puts its answer into the body.",
        InferModel,
        InferInput,
        InferOutput,
        InferOverload,
        InferMemo,
        InferTools,
        InferFallback,
        InferStream);

    public static readonly GrammarKey<string> Parse = new(
        "parse", new ChoiceType<string>(("mail", "mail"), ("json", "json")), "Makes JSON of the bytes that came in: `mail` reads MIME, `json` checks JSON.");

    public static readonly GrammarKey<string> Map = new("map", Scalars.Expression, "The result is the new body.");
    public static readonly GrammarKey<string> Filter = new("filter", Scalars.Expression, "Messages it is not true for end here, counted as filtered.");
    public static readonly GrammarKey<ObjectValues> Infer = new("infer", InferType, "Asks a model.");
    public static readonly GrammarKey<string> Use = new("use", Values.Name, "A step the host registered in code.");
    public static readonly GrammarKey<string> Name = new("name", Values.Name, "Name in dead letters and metrics.") { Default = "kind and place, such as `map-2`" };

    public static readonly GrammarKey<ObjectValues> State = new("state", StateGrammar.StateType, "Remembers something for the message's key.");
    public static readonly GrammarKey<ObjectValues> Timer = new("timer", StateGrammar.TimerType, "Sets or cancels a timer of the message's key.");

    private static readonly GrammarKey<string>[] Later =
    [
        .. new[] { "delay", "validate", "template" }
            .Select(name => new GrammarKey<string>(name, Scalars.Text, "A later kind of step.") { NotYet = true }),
    ];

    private static readonly GrammarKey[] Kinds =
    [
        Parse, Map, Filter, Infer, State, Timer, WorkStepGrammar.Enrich, WorkStepGrammar.Redact, WorkStepGrammar.Split, WorkStepGrammar.Batch,
        WorkStepGrammar.Join, WorkStepGrammar.Throttle, WorkStepGrammar.Exec, Use,
    ];

    public static readonly ObjectType Type = new("step", $"One thing done to a message. Exactly one of {Listing.Of(Kinds)}.", [.. Kinds, Name, .. Later])
    { OneOf = [.. Kinds, .. Later] };
}

using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of a flow's <c>steps</c>.</summary>
internal static class StepGrammar
{
    public static readonly GrammarKey<string> InferModel = new("model", Values.Name, "The model: a name under `models`.") { Required = true };
    public static readonly GrammarKey<string> InferInput = new("input", Scalars.Expression, "What is sent.") { Default = "`message.text`" };
    public static readonly GrammarKey<string> InferOutput = new("output", Values.Field, "Field of the body the answer is put into.") { Default = "the model's name" };

    public static readonly GrammarKey<string> InferOverload = new(
        "overload",
        new ChoiceType<string>(("buffer", "buffer")) { NotYet = ["shed", "reroute"] },
        "What happens while the model is too slow: `buffer` leaves messages in the topic.") { Default = "`buffer`" };

    public static readonly ObjectType InferType = new(
        "infer",
        "Asks a model and puts its answer into the body.",
        InferModel,
        InferInput,
        InferOutput,
        InferOverload,
        new GrammarKey<string>("memo", Scalars.Text, "Answers remembered with the flow's state.") { NotYet = true },
        new GrammarKey<string>("fallback", Scalars.Text, "What is asked when the model fails.") { NotYet = true });

    public static readonly GrammarKey<string> Parse = new(
        "parse", new ChoiceType<string>(("mail", "mail"), ("json", "json")), "Makes JSON of the bytes that came in: `mail` reads MIME, `json` checks JSON.");

    public static readonly GrammarKey<string> Map = new("map", Scalars.Expression, "The result is the new body.");
    public static readonly GrammarKey<string> Filter = new("filter", Scalars.Expression, "Messages it is not true for end here, counted as filtered.");
    public static readonly GrammarKey<ObjectValues> Infer = new("infer", InferType, "Asks a model.");
    public static readonly GrammarKey<string> Use = new("use", Values.Name, "A step the host registered in code.");
    public static readonly GrammarKey<string> Name = new("name", Values.Name, "Name in dead letters and metrics.") { Default = "kind and place, such as `map-2`" };

    private static readonly GrammarKey<string>[] Later =
    [
        .. new[] { "enrich", "redact", "split", "batch", "throttle", "join", "call", "exec", "state", "delay", "validate", "template" }
            .Select(name => new GrammarKey<string>(name, Scalars.Text, "A later kind of step.") { NotYet = true }),
    ];

    public static readonly ObjectType Type = new("step", "One thing done to a message. Exactly one of parse, map, filter, infer and use.", [Parse, Map, Filter, Infer, Use, Name, .. Later])
    { OneOf = [Parse, Map, Filter, Infer, Use, .. Later] };
}

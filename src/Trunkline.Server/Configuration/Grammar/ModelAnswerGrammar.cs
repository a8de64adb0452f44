using Trunkline.Core.Config.Grammar;
using Trunkline.Models;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>What is done about a model's answers: <c>schema</c>, <c>fallback</c>, <c>hedge</c>, <c>cache</c>; and its versions.</summary>
internal static class ModelAnswerGrammar
{
    public static readonly GrammarKey<string> FallbackModel = new("model", Values.Name, "Who is asked: a name under `models`.") { Required = true };

    public static readonly GrammarKey<IReadOnlyList<Located<ModelFailure>>> FallbackOn = new(
        "on",
        new ListType<ModelFailure>(new ChoiceType<ModelFailure>(
            ("timeout", ModelFailure.Timeout),
            ("rate-limited", ModelFailure.RateLimited),
            ("unavailable", ModelFailure.Unavailable),
            ("malformed", ModelFailure.Malformed),
            ("refused", ModelFailure.Refused)))
        { AllowSingle = true, ItemsMin = 1 },
        "After which failures.")
    { Default = "all but `refused`" };

    public static readonly ObjectType FallbackType = new("fallback", "Another model that is asked when one fails. The output says so.", FallbackModel, FallbackOn)
    { Shorthand = FallbackModel };

    public static readonly GrammarKey<ObjectValues> Fallback = new("fallback", FallbackType, "What is asked when it fails; the fallback's own fallback is not.") { Default = "nothing" };

    public static readonly GrammarKey<TimeSpan> Hedge = new(
        "hedge",
        Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
        "After so long without an answer the same is asked once more if there is room, and the first answer counts; both count in the budget.")
    { Default = "never" };

    public static readonly GrammarKey<TimeSpan> Cache = new(
        "cache",
        Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)),
        "How long an answer is given again to exactly the same question of the same conversation (message key) and tenant. At most 10,000 answers and 32 MiB, the oldest go.")
    { Default = "not at all" };

    public static readonly GrammarKey<string> Schema = new(
        "schema",
        Values.FilePath,
        "JSON Schema its answers must fit. For openai the answer's text must be such JSON and becomes the answer. One that does not fit is sent back once to be mended.");

    public static readonly GrammarKey<string> LanguageBy = new("by", Values.Name, "Who tells the language: a model of kind `lingua` under `models`.") { Required = true };

    public static readonly GrammarKey<string> LanguageIs = new(
        "is", Scalars.Text, "`same`: the language of what is asked; or a two-letter code, such as `de`. One the detector knows.")
    { Default = "`same`" };

    public static readonly ObjectType LanguageType = new(
        "language",
        "The language its answers must be in. One in another is sent back once to be mended. Where the detector cannot tell, any answer counts.",
        LanguageBy,
        LanguageIs)
    { Shorthand = LanguageBy };

    public static readonly GrammarKey<ObjectValues> Language = new("language", LanguageType, "The language its answers must be in.") { Default = "any" };

    public static readonly GrammarKey<string> WarmUp = new(
        "warmUp", Scalars.Text, "A text the model is asked before it takes over; if it does not answer, the revision is refused.")
    { Default = "nothing is asked" };

    public static readonly GrammarKey<IReadOnlyList<Named<int>>> Versions = new(
        "versions",
        new MapType<int>("model", Names.Problem, Names.Pattern, Scalars.WholeNumber(1, 1000)),
        "Other models side by side, each with its share of the keys: `{ reply-a: 90, reply-b: 10 }`. A key always asks the same one.");
}

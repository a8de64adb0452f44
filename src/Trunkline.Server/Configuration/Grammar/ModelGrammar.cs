using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of <c>models</c>.</summary>
internal static class ModelGrammar
{
    public static readonly GrammarKey<string> Kind = new(
        "kind",
        new ChoiceType<string>(("lexicon", "lexicon"), ("mlnet", "mlnet"), ("openai", "openai")) { NotYet = ["lingua", "onnx", "http"] },
        "`lexicon` scores sentiment from a word list; `mlnet` classifies with a trained file; `openai` asks any compatible chat endpoint.");

    public static readonly GrammarKey<string> Use = new("use", Values.Name, "A model the host registered in code.");
    public static readonly GrammarKey<string> Path = new("path", Values.FilePath, "Model file; for lexicon an own word list in place of the built-in one.")
    { Only = ["lexicon", "mlnet"], RequiredFor = ["mlnet"] };

    public static readonly GrammarKey<Uri> Endpoint = new("endpoint", Values.BaseUrl, "Base address, such as `https://host/v1`.") { Only = ["openai"], RequiredFor = ["openai"] };
    public static readonly GrammarKey<string> Model = new("model", Scalars.Text, "Name of the model at the endpoint.") { Only = ["openai"], RequiredFor = ["openai"] };
    public static readonly GrammarKey<string> Token = new("token", Scalars.Secret, "Bearer token, best as `${VAR}` or `${file:/path}`.") { Only = ["openai"] };
    public static readonly GrammarKey<string> System = new("system", Scalars.Text, "Instruction sent before the input.") { Only = ["openai"] };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Languages = new(
        "languages", new ListType<string>(Scalars.Text), "Languages told apart; lingua comes with a later version.") { Only = ["lingua"] };

    public static readonly GrammarKey<TimeSpan> Timeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), "Bound on one call.") { Default = "30s" };

    public static readonly GrammarKey<string> Owner = new("owner", Values.Name, "Who answers for it: a name under `owners`.");

    public static readonly ObjectType Type = new(
        "model",
        "What an `infer` step calls.",
        Kind,
        Use,
        Path,
        Endpoint,
        Model,
        Token,
        System,
        Languages,
        Timeout,
        Owner,
        new GrammarKey<string>("budget", Scalars.Text, "Calls, tokens or money it may use.") { NotYet = true },
        new GrammarKey<string>("concurrency", Scalars.Text, "How many calls run at once.") { NotYet = true },
        new GrammarKey<string>("fallback", Scalars.Text, "What is asked when it fails.") { NotYet = true },
        new GrammarKey<string>("cache", Scalars.Text, "Answers kept for equal inputs.") { NotYet = true },
        new GrammarKey<string>("schema", Scalars.Text, "JSON Schema of its answers.") { NotYet = true })
    { Deciding = Kind, OneOf = [Kind, Use] };
}

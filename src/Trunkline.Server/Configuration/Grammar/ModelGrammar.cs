using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>An entry of <c>models</c>.</summary>
internal static class ModelGrammar
{
    public static readonly GrammarKey<string> Kind = new(
        "kind",
        new ChoiceType<string>(("lexicon", "lexicon"), ("mlnet", "mlnet"), ("lingua", "lingua"), ("onnx", "onnx"), ("openai", "openai"), ("http", "http")),
        "`lexicon` scores sentiment from a word list; `mlnet` classifies with a trained file; `lingua` tells the language; `onnx` runs a text model from a file; "
        + "`openai` asks any compatible chat endpoint; `http` any endpoint that takes and gives JSON.");

    public static readonly GrammarKey<string> Use = new("use", Values.Name, "A model the host registered in code.");
    public static readonly GrammarKey<string> Path = new("path", Values.FilePath, "Model file; for lexicon an own word list in place of the built-in one.")
    { Only = ["lexicon", "mlnet", "onnx"], RequiredFor = ["mlnet", "onnx"] };

    public static readonly GrammarKey<Uri> Endpoint = new("endpoint", Values.BaseUrl, "Base address, such as `https://host/v1`; for http the address itself.")
    { Only = ["openai", "http"], RequiredFor = ["openai", "http"] };

    public static readonly GrammarKey<string> Model = new("model", Scalars.Text, "Name of the model at the endpoint.") { Only = ["openai"], RequiredFor = ["openai"] };
    public static readonly GrammarKey<string> Token = new("token", Scalars.Secret, "Bearer token, best as `${VAR}` or `${file:/path}`.") { Only = ["openai", "http"] };
    public static readonly GrammarKey<string> System = new("system", Scalars.Text, "Instruction sent before the input.") { Only = ["openai"] };

    public static readonly GrammarKey<string> Tools = new(
        "tools", Values.FilePath, "Definitions of tools: a JSON array of `{name, description, parameters}`. The model is told of those a step allows.")
    { Only = ["openai"] };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Languages = new(
        "languages", new ListType<string>(Scalars.Text), "Languages told apart, by their two-letter codes; each costs memory once a text needs it.")
    { Only = ["lingua"], RequiredFor = ["lingua"] };

    public static readonly GrammarKey<string> Tokenizer = new("tokenizer", Values.FilePath, "Vocabulary: a WordPiece `vocab.txt` or a SentencePiece `.model`.")
    { Only = ["onnx"], RequiredFor = ["onnx"] };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Labels = new(
        "labels", new ListType<string>(Scalars.Text), "Names of the classes in the model's order; without them the answer is the model's numbers.")
    { Only = ["onnx"] };

    public static readonly GrammarKey<string> Request = new("request", Scalars.Expression, "What is sent; `message` is the input.")
    { Only = ["http"], Default = "the input" };

    public static readonly GrammarKey<string> Response = new("response", Scalars.Expression, "The answer; `message` is what came back.")
    { Only = ["http"], Default = "what came back" };

    public static readonly GrammarKey<int> MaxTokens = new(
        "maxTokens", Scalars.WholeNumber(1, 1_000_000), "The most tokens an answer may have; needed with a budget of tokens or money.")
    { Only = ["openai", "http"] };

    public static readonly GrammarKey<TimeSpan> Timeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), "Bound on one call.")
    { Default = "30s" };

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
        Tools,
        Languages,
        Tokenizer,
        Labels,
        Request,
        Response,
        MaxTokens,
        Timeout,
        ModelLimitGrammar.Concurrency,
        ModelLimitGrammar.Budget,
        ModelLimitGrammar.Price,
        ModelAnswerGrammar.Schema,
        ModelAnswerGrammar.Language,
        ModelAnswerGrammar.Fallback,
        ModelAnswerGrammar.Hedge,
        ModelAnswerGrammar.Cache,
        ModelAnswerGrammar.WarmUp,
        ModelAnswerGrammar.Versions,
        Owner)
    { Deciding = Kind, OneOf = [Kind, Use, ModelAnswerGrammar.Versions] };
}

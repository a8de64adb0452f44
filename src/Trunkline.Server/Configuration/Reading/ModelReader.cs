using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Models;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads entries of <c>models</c>.</summary>
internal static class ModelReader
{
    private static readonly ModelFailure[] s_fallbackOn = [ModelFailure.Timeout, ModelFailure.RateLimited, ModelFailure.Unavailable, ModelFailure.Malformed];

    public static ModelConfig Read(Named<ObjectValues> named, ObjectValues values, ProjectScope scope)
    {
        var use = values.Get(ModelGrammar.Use);
        var model = new ModelConfig
        {
            Name = named.Name,
            Kind = use is not null ? "use" : values.Has(ModelAnswerGrammar.Versions) ? "versions" : values.Get(ModelGrammar.Kind) ?? "",
            Use = use,
            Path = Resolved(values.Get(ModelGrammar.Path), scope),
            Endpoint = values.Get(ModelGrammar.Endpoint),
            Model = values.Get(ModelGrammar.Model),
            Token = values.Get(ModelGrammar.Token) is { } token ? new Secret(token) : null,
            System = values.Get(ModelGrammar.System),
            Tools = Resolved(values.Get(ModelGrammar.Tools), scope),
            Languages = Texts(values.Get(ModelGrammar.Languages)),
            Tokenizer = Resolved(values.Get(ModelGrammar.Tokenizer), scope),
            Labels = Texts(values.Get(ModelGrammar.Labels)),
            Request = values.Get(ModelGrammar.Request),
            Response = values.Get(ModelGrammar.Response),
            MaxTokens = values.Has(ModelGrammar.MaxTokens) ? values.Get(ModelGrammar.MaxTokens) : null,
            Versions = ReadVersions(values, scope),
            Answers = ReadAnswers(values, scope),
            Owner = values.Get(ModelGrammar.Owner),
            Where = named.Where,
        };
        model = model with { Limits = ModelLimitReader.Read(values, model.IsLocal, scope) };
        return values.Has(ModelGrammar.Timeout) ? model with { Timeout = values.Get(ModelGrammar.Timeout, model.Timeout) } : model;
    }

    /// <summary>A fallback, of a model or a step.</summary>
    public static FallbackConfig? ReadFallback(ObjectValues? values) => values?.Get(ModelAnswerGrammar.FallbackModel) is { } other
        ? new FallbackConfig(other, values.Get(ModelAnswerGrammar.FallbackOn) is { Count: > 0 } on ? [.. on.Select(f => f.Value).Distinct()] : s_fallbackOn)
        : null;

    private static ModelAnswerConfig ReadAnswers(ObjectValues values, ProjectScope scope) => new()
    {
        Schema = Resolved(values.Get(ModelAnswerGrammar.Schema), scope),
        Language = values.Get(ModelAnswerGrammar.Language) is { } language && language.Get(ModelAnswerGrammar.LanguageBy) is { } by
            ? new AnswerLanguageConfig(by, language.Get(ModelAnswerGrammar.LanguageIs) is { } code and not "same" ? code.ToLowerInvariant() : null)
            : null,
        Fallback = ReadFallback(values.Get(ModelAnswerGrammar.Fallback)),
        Hedge = values.Has(ModelAnswerGrammar.Hedge) ? values.Get(ModelAnswerGrammar.Hedge) : null,
        Cache = values.Has(ModelAnswerGrammar.Cache) ? values.Get(ModelAnswerGrammar.Cache) : null,
        WarmUp = values.Get(ModelAnswerGrammar.WarmUp),
    };

    private static VersionShare[] ReadVersions(ObjectValues values, ProjectScope scope)
    {
        if (!values.Has(ModelAnswerGrammar.Versions))
        {
            return [];
        }

        foreach (var key in ModelGrammar.Type.Keys.Where(k => values.Has(k) && k != ModelAnswerGrammar.Versions && k != ModelGrammar.Owner && k != ModelGrammar.Kind && k != ModelGrammar.Use))
        {
            scope.Faults.Add(values.WhereOf(key), FaultCodes.KeyConflict, $"'{key.Name}' does not belong to {values.Path} beside 'versions'.", "Write it at the models named there.");
        }

        return [.. (values.Get(ModelAnswerGrammar.Versions) ?? []).Where(v => v.Value > 0).Select(v => new VersionShare(v.Name, v.Value))];
    }

    private static string? Resolved(string? path, ProjectScope scope) => path is null ? null : scope.Resolve(path);

    private static string[] Texts(IReadOnlyList<Located<string>>? items) => items is null ? [] : [.. items.Select(i => i.Value)];
}

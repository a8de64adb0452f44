using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads entries of <c>models</c>.</summary>
internal static class ModelReader
{
    public static ModelConfig Read(Named<ObjectValues> named, ObjectValues values, ProjectScope scope)
    {
        var use = values.Get(ModelGrammar.Use);
        var model = new ModelConfig
        {
            Name = named.Name,
            Kind = use is null ? values.Get(ModelGrammar.Kind) ?? "" : "use",
            Use = use,
            Path = values.Get(ModelGrammar.Path) is { } path ? scope.Resolve(path) : null,
            Endpoint = values.Get(ModelGrammar.Endpoint),
            Model = values.Get(ModelGrammar.Model),
            Token = values.Get(ModelGrammar.Token) is { } token ? new Secret(token) : null,
            System = values.Get(ModelGrammar.System),
            Owner = values.Get(ModelGrammar.Owner),
            Where = named.Where,
        };
        return values.Has(ModelGrammar.Timeout) ? model with { Timeout = values.Get(ModelGrammar.Timeout, model.Timeout) } : model;
    }
}

using Trunkline.Server.Schemas.Json.Compiling;
using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Checks;

/// <summary><c>unevaluatedProperties</c> and <c>unevaluatedItems</c>: after all other keywords of the same schema.</summary>
internal sealed class UnevaluatedRules(SchemaNode? properties, SchemaNode? items)
{
    /// <summary>True if the value passes the schema's other checks, and what they left is allowed.</summary>
    public bool Fits(Evaluation run, SchemaNode node, int token, Evaluated? seen)
    {
        ref readonly var value = ref run.Document[token];
        var schema = value.Kind switch { JsonKind.Object => properties, JsonKind.Array => items, _ => null };
        if (schema is null)
        {
            return run.AllFit(node, token, seen);
        }

        var own = new Evaluated(value.Count);
        var fits = run.AllFit(node, token, own);
        var place = 0;
        var isObject = value.Kind == JsonKind.Object;
        for (int at = token + 1, end = value.Next; at < end && (fits || run.Explains); place++)
        {
            var child = isObject ? at + 1 : at;
            if (!own[place] && !run.Fits(schema, child, null))
            {
                fits = false;
            }

            at = run.Document[child].Next;
        }

        own.MarkAll();
        seen?.Add(own);
        return fits;
    }
}

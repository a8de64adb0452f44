using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Trunkline.Core.Errors;

namespace Trunkline.Server.Catalog.Comparing;

/// <summary>What breaks between two OpenAPI documents: for clients, which send requests and read answers.</summary>
internal sealed partial class OpenApiDiff(JsonObject older, JsonObject newer, bool payloads)
{
    private static readonly string[] s_methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    private readonly List<DocumentBreak> _breaks = [];

    /// <summary>All of it, by path and method of the older document.</summary>
    public IReadOnlyList<DocumentBreak> Breaks()
    {
        var paths = DocumentNodes.Objects(newer, newer["paths"]).DistinctBy(path => Shape(path.Name)).ToDictionary(path => Shape(path.Name), path => path.Value, StringComparer.Ordinal);
        foreach (var (path, before) in DocumentNodes.Objects(older, older["paths"]))
        {
            var after = paths.GetValueOrDefault(Shape(path));
            foreach (var method in s_methods.Where(before.ContainsKey))
            {
                var where = $"{method.ToUpperInvariant()} {path}";
                if (after?[method] is JsonObject operation)
                {
                    Compare(where, new Operation(older, before, before[method] as JsonObject ?? []), new Operation(newer, after, operation));
                }
                else
                {
                    Break(ErrorCodes.ContractOperationRemoved, where, after is null ? "the path is removed" : "the operation is removed");
                }
            }
        }

        return _breaks;
    }

    private void Compare(string where, Operation before, Operation after)
    {
        Parameters(where, before, after);
        Body(where, before, after);
        Responses(where, before, after);
        if (!OpenApiSecurity.Passes(before.Security, after.Security))
        {
            Break(ErrorCodes.ContractSecurityAdded, where, before.Security is null ? "it asks for credentials that it did not ask for" : "credentials that were enough are not enough any more");
        }
    }

    private void Parameters(string where, Operation before, Operation after)
    {
        var known = before.Parameters();
        foreach (var (key, parameter) in after.Parameters())
        {
            var (place, name) = (DocumentNodes.Text(parameter, "in"), DocumentNodes.Text(parameter, "name"));
            if (!known.TryGetValue(key, out var then))
            {
                if (DocumentNodes.IsTrue(parameter, "required"))
                {
                    Break(ErrorCodes.ContractParameterRequired, where, $"the {place} parameter '{name}' is new and required");
                }

                continue;
            }

            if (DocumentNodes.IsTrue(parameter, "required") && !DocumentNodes.IsTrue(then, "required"))
            {
                Break(ErrorCodes.ContractParameterRequired, where, $"the {place} parameter '{name}' was optional and is required");
            }

            Narrowed(where, $"the {place} parameter '{name}'", then["schema"], parameter["schema"]);
        }
    }

    private void Body(string where, Operation before, Operation after)
    {
        var (then, now) = (before.Body(), after.Body());
        if (DocumentNodes.IsTrue(now, "required") && !DocumentNodes.IsTrue(then, "required"))
        {
            Break(ErrorCodes.ContractRequestNarrowed, where, then is null ? "a body is required, and there was none" : "the body was optional and is required");
        }

        if (then is null || now is null)
        {
            return;
        }

        foreach (var (type, media) in DocumentNodes.Objects(older, then["content"]))
        {
            if (Media(newer, now, type) is { } same)
            {
                Narrowed(where, $"the body as {type}", media["schema"], same["schema"]);
            }
            else
            {
                Break(ErrorCodes.ContractRequestNarrowed, where, $"a body of type {type} is not taken any more");
            }
        }
    }

    private void Responses(string where, Operation before, Operation after)
    {
        var now = after.Responses().ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        foreach (var (status, then) in before.Responses().Where(one => one.Name.StartsWith('2') || one.Name == "default"))
        {
            if (!now.TryGetValue(status, out var response))
            {
                Break(ErrorCodes.ContractResponseRemoved, where, $"the answer {status} is removed");
                continue;
            }

            foreach (var (type, media) in DocumentNodes.Objects(older, then["content"]))
            {
                if (Media(newer, response, type) is not { } same)
                {
                    Break(ErrorCodes.ContractResponseRemoved, where, $"the answer {status} is not given as {type} any more");
                }
                else if (payloads && DocumentSchema.Refusals((older, media["schema"]), (newer, same["schema"])) is { Count: > 0 } reasons)
                {
                    Break(ErrorCodes.ContractResponseWidened, where, $"the answer {status} as {type} may hold what it could not: {string.Join("; ", reasons)}");
                }
            }
        }
    }

    private void Narrowed(string where, string what, JsonNode? then, JsonNode? now)
    {
        if (payloads && DocumentSchema.Refusals((newer, now), (older, then)) is { Count: > 0 } reasons)
        {
            Break(ErrorCodes.ContractRequestNarrowed, where, $"{what} is refused where it was taken: {string.Join("; ", reasons)}");
        }
    }

    private void Break(string code, string where, string message) => _breaks.Add(new DocumentBreak(code, where, message));

    /// <summary>What is said of a content type, by itself or by a range it is in.</summary>
    private static JsonObject? Media(JsonObject document, JsonObject holder, string type)
    {
        var content = holder["content"] as JsonObject;
        return DocumentNodes.Follow(document, content?[type] ?? content?[type.Split('/')[0] + "/*"] ?? content?["*/*"]);
    }

    /// <summary>A path whatever its parameters are called.</summary>
    private static string Shape(string path) => Braces().Replace(path, "{}");

    [GeneratedRegex(@"\{[^}/]*\}")]
    private static partial Regex Braces();

    /// <summary>An operation with what its path and document say for it.</summary>
    private sealed record Operation(JsonObject Document, JsonObject Path, JsonObject Own)
    {
        public JsonArray? Security => OpenApiSecurity.Asked(Own["security"] ?? Document["security"]);

        public JsonObject? Body() => DocumentNodes.Follow(Document, Own["requestBody"]);

        public IEnumerable<(string Name, JsonObject Value)> Responses() => DocumentNodes.Objects(Document, Own["responses"]);

        /// <summary>By place and name; those of the path in their order, as their names mean nothing to clients.</summary>
        public Dictionary<string, JsonObject> Parameters()
        {
            var all = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
            foreach (var parameter in (Path["parameters"] as JsonArray ?? []).Concat(Own["parameters"] as JsonArray ?? []).Select(one => DocumentNodes.Follow(Document, one)).OfType<JsonObject>())
            {
                if (DocumentNodes.Text(parameter, "in") is { } place and not "path" && DocumentNodes.Text(parameter, "name") is { } name)
                {
                    all[$"{place} {(place == "header" ? name.ToLowerInvariant() : name)}"] = parameter;
                }
            }

            return all;
        }
    }
}

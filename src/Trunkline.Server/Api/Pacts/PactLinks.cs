using System.Text.Json.Nodes;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Links to what the broker holds, as seen by the client that asks.</summary>
internal sealed class PactLinks(HttpRequest request)
{
    /// <summary>The address of the broker.</summary>
    public string Base { get; } = $"{request.Scheme}://{request.Host}{PactAnswers.Path}";

    /// <summary>A link; names in it are escaped by who makes the path.</summary>
    public JsonObject To(string path, string? name = null, string? title = null)
    {
        var link = new JsonObject { ["href"] = Base + path };
        if (path.Contains('{', StringComparison.Ordinal))
        {
            link["templated"] = true;
        }

        if (name is not null)
        {
            (link["name"], link["title"]) = (name, title ?? name);
        }

        return link;
    }

    public JsonObject Pacticipant(string name) => To($"/pacticipants/{Escape(name)}", name);

    public JsonObject Version(string pacticipant, string number) => To($"/pacticipants/{Escape(pacticipant)}/versions/{Escape(number)}", number);

    public JsonObject Environment(PactEnvironment environment) => To($"/environments/{environment.Id:D}", environment.Name);

    /// <summary>A pact of a version of its consumer.</summary>
    public JsonObject Pact(Pact pact) => To(
        $"/pacts/provider/{Escape(pact.Provider)}/consumer/{Escape(pact.Consumer)}/version/{Escape(pact.ConsumerVersion)}",
        $"Pact between {pact.Consumer} ({pact.ConsumerVersion}) and {pact.Provider}");

    /// <summary>The content of a pact, whatever version it is of.</summary>
    public static string Content(Pact pact) => $"/pacts/provider/{Escape(pact.Provider)}/consumer/{Escape(pact.Consumer)}/pact-version/{pact.Sha}";

    public JsonObject Result(Pact pact, PactVerification result) => To(FormattableString.Invariant($"{Content(pact)}/verification-results/{result.Number}"));

    public static string Escape(string name) => Uri.EscapeDataString(name);
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trunkline.Core.Security;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Publishing pacts, and reading them.</summary>
internal static class PactPublishing
{
    private const string OfVersion = "/pacts/provider/{provider}/consumer/{consumer}/version/{version}";

    public static void Map(RouteGroupBuilder group)
    {
        group.Pact(HttpMethods.Post, "/contracts/publish", Scopes.Publish, PublishAsync);
        group.Pact(HttpMethods.Put, OfVersion, Scopes.Publish, PutAsync);
        group.Pact(OfVersion, request => Show(request, request.Book.Pact(request.Route("consumer"), request.Route("version"), request.Route("provider"))));
        group.Pact("/pacts/provider/{provider}/consumer/{consumer}/latest", request => Show(request, Of(request).FirstOrDefault()));
        group.Pact("/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}", request => Show(request, Of(request).FirstOrDefault(one => one.Sha == request.Route("sha"))));
        group.Pact("/pacts/latest", request => List(request, request.Book.Pacts));
        group.Pact("/pacts/provider/{provider}/latest", request => List(request, request.Book.Pacts.Where(one => one.Provider == request.Route("provider"))));
    }

    private static IEnumerable<Pact> Of(PactRequest request) => request.Book.Pacts.Where(one => one.Provider == request.Route("provider") && one.Consumer == request.Route("consumer"));

    private static async Task<IResult> PublishAsync(PactRequest request)
    {
        var body = await request.BodyAsync();
        var (consumer, number) = (PactRequest.Needed(body, "pacticipantName"), PactRequest.Needed(body, "pacticipantVersionNumber"));
        var pacts = PactRequest.Items(body, "contracts").Select(one => (PactRequest.Needed(one, "providerName"), Content(one), PactRequest.Text(one, "onConflict") == "merge")).ToList();
        string[] tags = [.. PactRequest.Items(body, "tags").Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)];
        var publication = new PactPublication(consumer, number, pacts) { Branch = PactRequest.Text(body, "branch"), Tags = tags, Address = request.Links.Base };
        var published = await request.Broker.PublishAsync(publication, request.Aborted);
        var links = request.Links;
        return PactAnswers.Hal(new JsonObject
        {
            ["notices"] = PactAnswers.List([
                PactAnswers.Notice("debug", $"Version {number} of {consumer} is known."),
                .. published.Select(one => PactAnswers.Notice("success", $"Pact published for {one.Consumer} version {one.ConsumerVersion} and provider {one.Provider}.")),
            ]),
            ["logs"] = PactAnswers.List([]),
            ["_embedded"] = new JsonObject { ["pacticipant"] = PactVersions.Pacticipant(request, consumer), ["version"] = PactVersions.Version(request, request.Book.Version(consumer, number)!) },
            ["_links"] = new JsonObject
            {
                ["pb:pacticipant"] = links.Pacticipant(consumer),
                ["pb:pacticipant-version"] = links.Version(consumer, number),
                ["pb:pacticipant-version-tags"] = PactAnswers.List(tags.Select(tag => links.To($"/pacticipants/{PactLinks.Escape(consumer)}/versions/{PactLinks.Escape(number)}/tags/{PactLinks.Escape(tag)}", tag))),
                ["pb:contracts"] = PactAnswers.List(published.Select(links.Pact)),
            },
        });
    }

    private static string Content(JsonElement contract)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(PactRequest.Needed(contract, "content")));
        }
        catch (FormatException)
        {
            throw new PactRefusal(400, "The content of a contract is not base64.");
        }
    }

    private static async Task<IResult> PutAsync(PactRequest request)
    {
        var (consumer, version) = (request.Route("consumer"), request.Route("version"));
        var isNew = request.Book.Pact(consumer, version, request.Route("provider")) is null;
        var publication = new PactPublication(consumer, version, [(request.Route("provider"), await request.TextAsync(), false)]) { Address = request.Links.Base };
        var published = await request.Broker.PublishAsync(publication, request.Aborted);
        return Show(request, published[0], isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static IResult Show(PactRequest request, Pact? pact, int status = StatusCodes.Status200OK)
    {
        if (pact is null || request.Book.Content(pact.Sha) is not { } text)
        {
            throw PactRefusal.NotFound("The pact");
        }

        var links = request.Links;
        var shown = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 1000 })!.AsObject();
        shown["createdAt"] = PactAnswers.Time(pact.CreatedAt);
        shown["_links"] = new JsonObject
        {
            ["self"] = links.Pact(pact),
            ["pb:consumer"] = links.Pacticipant(pact.Consumer),
            ["pb:consumer-version"] = links.Version(pact.Consumer, pact.ConsumerVersion),
            ["pb:provider"] = links.Pacticipant(pact.Provider),
            ["pb:pact-version"] = links.To(PactLinks.Content(pact), pact.Sha),
            ["pb:publish-verification-results"] = links.To($"{PactLinks.Content(pact)}/verification-results"),
            ["pb:latest-verification-results"] = links.To($"{PactLinks.Content(pact)}/verification-results/latest"),
        };
        return PactAnswers.Hal(shown, status);
    }

    private static IResult List(PactRequest request, IEnumerable<Pact> pacts)
    {
        var latest = pacts.DistinctBy(one => (one.Consumer, one.Provider)).ToList();
        return PactAnswers.Hal(new JsonObject
        {
            ["_links"] = new JsonObject { ["self"] = request.Links.To("/pacts/latest"), ["pb:pacts"] = PactAnswers.List(latest.Select(request.Links.Pact)), ["pacts"] = PactAnswers.List(latest.Select(request.Links.Pact)) },
            ["pacts"] = PactAnswers.List(latest.Select(one => Summary(request, one))),
        });
    }

    private static JsonObject Summary(PactRequest request, Pact pact) => new()
    {
        ["_links"] = new JsonObject { ["self"] = PactAnswers.List([request.Links.Pact(pact)]) },
        ["_embedded"] = new JsonObject
        {
            ["consumer"] = new JsonObject
            {
                ["name"] = pact.Consumer,
                ["_embedded"] = new JsonObject { ["version"] = PactVersions.Version(request, request.Book.Version(pact.Consumer, pact.ConsumerVersion)!) },
                ["_links"] = new JsonObject { ["self"] = request.Links.Pacticipant(pact.Consumer) },
            },
            ["provider"] = new JsonObject { ["name"] = pact.Provider, ["_links"] = new JsonObject { ["self"] = request.Links.Pacticipant(pact.Provider) } },
        },
        ["createdAt"] = PactAnswers.Time(pact.CreatedAt),
    };
}

using System.Globalization;
using System.Text.Json.Nodes;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Pacts;

namespace Trunkline.Server.Api.Pacts;

/// <summary>Answers of the pact broker in the form its clients know: HAL, every address from a link.</summary>
internal static class PactAnswers
{
    /// <summary>Where it is served.</summary>
    public const string Path = "/pact";

    private const string MediaType = "application/hal+json;charset=utf-8";

    /// <summary>An answer.</summary>
    public static IResult Hal(JsonNode node, int status = StatusCodes.Status200OK) => Results.Text(node.ToJsonString(), MediaType, statusCode: status);

    /// <summary>Turns what an endpoint throws into the broker's errors.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PactRefusal refusal)
        {
            return Hal(Error(refusal.Message), refusal.Status);
        }
        catch (BrokerException failure)
        {
            return Hal(Error($"The store refused: {failure.Code}"), StatusCodes.Status500InternalServerError);
        }
    }

    private static JsonObject Error(string message) => new()
    {
        ["error"] = new JsonObject { ["message"] = message },
        ["errors"] = new JsonObject { ["base"] = new JsonArray(message) },
        ["notices"] = new JsonArray(Notice("error", message)),
    };

    /// <summary>Something a client shows.</summary>
    public static JsonObject Notice(string type, string text) => new() { ["type"] = type, ["text"] = text };

    /// <summary>A time.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture);

    /// <summary>A list.</summary>
    public static JsonArray List(IEnumerable<JsonNode?> items) => [.. items];
}

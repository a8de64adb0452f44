using System.Globalization;
using Trunkline.Server.Hosting;

namespace Trunkline.Server.Api;

/// <summary>Tells who writes or reads a topic that comes to its end, in the header of RFC 8594.</summary>
internal sealed class DeprecationMiddleware(RequestDelegate next, Node node)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetRouteValue("topic") is string topic && node.Project.Topics.TryGetValue(topic, out var config) && config.Deprecated is { } deprecated)
        {
            var headers = context.Response.Headers;
            headers["Sunset"] = deprecated.Sunset.ToDateTime(TimeOnly.MaxValue, DateTimeKind.Utc).ToString("R", CultureInfo.InvariantCulture);
            if (deprecated.Use is { } use)
            {
                headers.Link = $"</api/v1/topics/{Uri.EscapeDataString(use)}>; rel=\"successor-version\"";
            }
        }

        return next(context);
    }
}

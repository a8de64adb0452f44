using System.Net;

namespace Trunkline.Models.Http;

/// <summary>What an answer's status means for the caller. Messages name the status, never the body.</summary>
internal static class EndpointFailure
{
    // An endpoint that asks for more is not obeyed: the flow's own retry decides then.
    private static readonly TimeSpan s_retryAfterMax = TimeSpan.FromHours(1);

    public static ModelException Of(HttpResponseMessage response, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests => new ModelException(ModelFailure.RateLimited, "The endpoint asks to slow down (429).")
            {
                RetryAfter = RetryAfter(response, time),
            },
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new ModelException(ModelFailure.Unavailable, $"The endpoint failed ({status}).")
            {
                RetryAfter = RetryAfter(response, time),
            },
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(status, "check the model's 'token'"),
            HttpStatusCode.NotFound => Refused(status, "check 'endpoint' and 'model'"),
            >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => Refused(status, "it redirects; set 'endpoint' to where it leads"),
            _ => Refused(status, "check 'model' and the size of the input"),
        };
    }

    private static ModelException Refused(int status, string remedy) => new(ModelFailure.Refused, $"The endpoint refused the call ({status}): {remedy}.");

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var told = response.Headers.RetryAfter;
        var wait = told?.Delta ?? (told?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait is null ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait > s_retryAfterMax ? s_retryAfterMax : wait;
    }
}

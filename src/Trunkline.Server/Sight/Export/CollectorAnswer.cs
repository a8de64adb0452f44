namespace Trunkline.Server.Sight.Export;

/// <summary>What a collector's answer means, by the rules of OTLP.</summary>
internal enum CollectorAnswer
{
    /// <summary>It has the request.</summary>
    Taken,

    /// <summary>It may take it later.</summary>
    Later,

    /// <summary>It will never take it.</summary>
    Never,
}

/// <summary>Reads answers of collectors.</summary>
internal static class CollectorAnswers
{
    /// <summary>The meaning of an answer that is there whole.</summary>
    public static CollectorAnswer Of(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            return (int)response.StatusCode is 429 or 502 or 503 or 504 ? CollectorAnswer.Later : CollectorAnswer.Never;
        }

        var told = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer : response.Headers.TryGetValues("grpc-status", out var header) ? header : null;
        return told is null ? CollectorAnswer.Taken : told.First() switch
        {
            "0" => CollectorAnswer.Taken,

            // Cancelled, deadline exceeded, aborted, out of range, unavailable, data loss.
            "1" or "4" or "10" or "11" or "14" or "15" => CollectorAnswer.Later,
            _ => CollectorAnswer.Never,
        };
    }
}

namespace Trunkline.Server.Sight.Metrics;

/// <summary>The metrics of other services that are kept, by the names of OpenTelemetry's conventions: how long a service took over what it was asked.</summary>
internal static class KnownMetrics
{
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["http.server.request.duration"] = "http",
        ["http.server.duration"] = "http",
        ["rpc.server.call.duration"] = "rpc",
        ["rpc.server.duration"] = "rpc",
        ["messaging.process.duration"] = "messaging",
    };

    // What the conventions of gRPC take for a failure of the server, by number and by name.
    private static readonly string[] FailedCalls = ["2", "4", "12", "13", "14", "15", "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"];

    /// <summary>What a metric measures; null for one that is not kept.</summary>
    public static string? KindOf(string name) => Kinds.GetValueOrDefault(name);

    /// <summary>What times are multiplied with to be seconds; null for a unit that is no time.</summary>
    public static double? SecondsOf(string unit) => unit switch
    {
        "s" => 1,
        "ms" => 1e-3,
        "us" => 1e-6,
        "ns" => 1e-9,
        _ => null,
    };

    /// <summary>Whether an attribute says that what is measured failed.</summary>
    public static bool IsFailure(string name, string? value) => name switch
    {
        "error.type" => !string.IsNullOrEmpty(value),
        "http.response.status_code" or "http.status_code" => value is { Length: 3 } && value[0] == '5',
        "rpc.grpc.status_code" or "rpc.response.status_code" => FailedCalls.Contains(value),
        _ => false,
    };
}

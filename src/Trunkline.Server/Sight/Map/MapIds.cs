namespace Trunkline.Server.Sight.Map;

/// <summary>Ids of nodes and edges; the same in every map of the node.</summary>
internal static class MapIds
{
    public static string Topic(string name) => "topic:" + name;

    public static string Flow(string name) => "flow:" + name;

    public static string Model(string name) => "model:" + name;

    public static string Sink(string flow, string sink) => $"sink:{flow}/{sink}";

    public static string Dead(string flow) => "dead:" + flow;

    public static string Group(string topic, string group) => $"group:{topic}/{group}";

    public static string Source(string shown) => "source:" + shown;

    /// <summary>Those who publish over the API.</summary>
    public static string Clients => "source:api";

    /// <summary>The id of an item of a project; null for one that is not on the map.</summary>
    public static string? Of(string kind, string name) => kind switch { "topic" => Topic(name), "flow" => Flow(name), "model" => Model(name), _ => null };

    public static string Edge(string from, string to) => $"{from}->{to}";
}

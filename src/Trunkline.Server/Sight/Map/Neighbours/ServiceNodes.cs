using Trunkline.Client.Api;

namespace Trunkline.Server.Sight.Map.Neighbours;

/// <summary>Ids of what is around the node on its map. A node is made of its id alone, so that what is kept by ids can be drawn again.</summary>
internal static class ServiceNodes
{
    /// <summary>Who calls, and is not known.</summary>
    public const string Callers = "unknown:callers";

    /// <summary>What is called, and is not known.</summary>
    public const string Called = "unknown:called";

    /// <summary>Services there is no room for.</summary>
    public const string Rest = "service:" + RestName;

    /// <summary>The name they have together.</summary>
    public const string RestName = "(others)";

    public static string Service(string name) => "service:" + name;

    public static string Model(string provider, string model) => $"model:{provider}/{model}";

    public static string Database(string system, string? name) => $"database:{system}/{name}";

    public static string Queue(string system, string name) => $"queue:{system}/{name}";

    public static string External(string address) => "external:" + address;

    /// <summary>The node of an id.</summary>
    public static MapNode Of(string id)
    {
        var (kind, name) = id.Split(':', 2) switch
        {
            ["unknown", "callers"] => ("unknown", "unknown callers"),
            ["unknown", "called"] => ("unknown", "unknown services"),
            ["database", var of] => ("database", of.Replace('/', ' ').TrimEnd()),
            [("model" or "queue") and var within, var of] => (within, of[(of.IndexOf('/', StringComparison.Ordinal) + 1)..]),
            ["service", RestName] => ("service", "others"),
            [var plain, var of] => (plain, of),
            _ => ("unknown", id),
        };
        return new MapNode { Id = id, Kind = kind, Name = name, Figures = new MapFigures() };
    }
}

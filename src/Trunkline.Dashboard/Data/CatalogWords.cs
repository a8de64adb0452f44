using System.Globalization;
using Trunkline.Client.Api;

namespace Trunkline.Dashboard.Data;

/// <summary>Parts of a catalog in words.</summary>
internal static class CatalogWords
{
    public static string Place(CatalogPlace place) => place.Address is { } address ? $"{place.Kind} {address}" : place.Kind;

    public static string Objective(CatalogObjective one, long? withinMs) => string.Create(
        CultureInfo.InvariantCulture,
        $"{one.Target * 100:0.###} % {one.Measure}{(withinMs is { } ms && one.Measure != "success" ? $" within {Short(TimeSpan.FromMilliseconds(ms))}" : "")} over {one.WindowDays:0.#} d");

    public static string Kept(CatalogTopic topic) =>
        topic.Compacted ? "the newest message of each key"
        : (topic.RetentionAgeMs, topic.RetentionBytes) switch
        {
            (null, null) => "for ever",
            ({ } age, null) => $"for {Readable.Span(TimeSpan.FromMilliseconds(age))}",
            (null, { } bytes) => $"up to {Readable.Bytes(bytes)} a partition",
            ({ } age, { } bytes) => $"for {Readable.Span(TimeSpan.FromMilliseconds(age))}, up to {Readable.Bytes(bytes)} a partition",
        };

    public static string Failing(CatalogFlow flow) => flow.OnFailure switch
    {
        "park-key" => "it goes to the dead letters, and later messages of its key wait behind it",
        "stop" => "the partition stops until an operator acts",
        _ => "it goes to the dead letters with its cause, and later messages go on",
    };

    /// <summary>The owner with a way to reach them.</summary>
    public static string Owner(CatalogView view, string? name) => name is null ? "–"
        : view.Owners.FirstOrDefault(owner => owner.Name == name) is { } owner && (owner.Email ?? owner.Chat) is { } at ? $"{name} ({at})" : name;

    public static string Fields(ReaderView reader) =>
        reader.Fields.Count == 0 ? "nothing" : string.Join(", ", reader.Fields.Select(field => field.Length == 0 ? "the whole message" : field));

    private static string Short(TimeSpan span) => span < TimeSpan.FromSeconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms") : Readable.Span(span);
}

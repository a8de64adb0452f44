namespace Trunkline.Server.Schemas.Formats;

/// <summary>What the registry and the contracts of topics need of a format of schemas. Formats are stateless and thread-safe.</summary>
internal interface ISchemaFormat
{
    /// <summary>Its name in the registry's API.</summary>
    string Name { get; }

    /// <summary>A schema in the form it is kept in: without what means nothing, so that equal schemas are equal texts.</summary>
    /// <param name="text">The schema as it came.</param>
    /// <param name="normalize">True to put what has no order that matters into one order.</param>
    /// <param name="references">The schemas it may refer to, by the names it uses; those they refer to themselves come first.</param>
    /// <exception cref="SchemaFormatException">It cannot be read at all.</exception>
    string Canonical(string text, bool normalize, IReadOnlyList<KeyValuePair<string, string>> references);

    /// <summary>What is wrong with a schema; empty if it can be used.</summary>
    IReadOnlyList<SchemaFault> Check(string text, IReadOnlyList<KeyValuePair<string, string>> references);

    /// <summary>Makes ready to compare two usable schemas: true asks what keeps the newer from reading what the older wrote, false the reverse.</summary>
    Func<bool, IReadOnlyList<Incompatibility>> Comparer(string newer, IReadOnlyList<KeyValuePair<string, string>> newerRefers, string older, IReadOnlyList<KeyValuePair<string, string>> olderRefers);

    /// <summary>Makes ready to check payloads against a usable schema.</summary>
    PayloadCheck Checker(string text, IReadOnlyList<KeyValuePair<string, string>> references);

    /// <summary>How many bytes stand between a schema's id and the data in Confluent's wire format, judged by these bytes; -1 if what has to stand there does not.</summary>
    int FrameLength(ReadOnlySpan<byte> afterId);

    /// <summary>Whether a payload that names no schema can be of this format, by its content type; why not, if it cannot.</summary>
    string? Unnamed(string contentType);
}

/// <summary>Where data does not fit a schema; empty if it does.</summary>
/// <param name="data">The data.</param>
/// <param name="frame">What stood between the schema's id and the data; empty if no schema was named.</param>
internal delegate IReadOnlyList<SchemaFault> PayloadCheck(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> frame);

/// <summary>A schema cannot be read at all.</summary>
internal sealed class SchemaFormatException(string message) : Exception(message);

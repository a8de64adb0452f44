namespace Trunkline.Server.Schemas;

/// <summary>One place where a document does not fit its schema, or where a schema is wrong.</summary>
/// <param name="At">JSON pointer into the document; empty for the whole.</param>
/// <param name="Keyword">The keyword that refused it.</param>
/// <param name="SchemaAt">JSON pointer into the schema, up to the keyword; for a faulty schema equal to <paramref name="At"/>.</param>
/// <param name="Message">What is wrong, in words, without values of the document.</param>
internal sealed record SchemaFault(string At, string Keyword, string SchemaAt, string Message)
{
    private const int ToldMax = 10;

    /// <summary>The first of some faults in one line.</summary>
    public static string Tell(IEnumerable<SchemaFault> faults) => string.Join("; ", faults.Take(ToldMax).Select(fault => $"at '{fault.At}' {fault.Message}"));
}

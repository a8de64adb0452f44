using System.Collections.Frozen;
using System.Text.Json;

namespace Trunkline.Core.Errors;

/// <summary>
/// The one catalogue of errors that leave the process, read from the embedded <c>errors.json</c>. Immutable, thread-safe.
/// A test holds every code used in the sources to it, and the other way round.
/// </summary>
public static class ErrorCatalog
{
    private static readonly FrozenDictionary<string, ErrorEntry> ByCode = Load().ToFrozenDictionary(e => e.Code, StringComparer.Ordinal);

    /// <summary>Every entry, by code.</summary>
    public static IReadOnlyList<ErrorEntry> All { get; } = [.. ByCode.Values.OrderBy(e => e.Code, StringComparer.Ordinal)];

    /// <summary>The entry of a code.</summary>
    /// <exception cref="ArgumentException">The catalogue lacks the code.</exception>
    public static ErrorEntry Get(string code) =>
        Find(code) ?? throw new ArgumentException($"The error catalogue has no code '{code}'; add it to errors.json.", nameof(code));

    /// <summary>The entry of a code, or null.</summary>
    public static ErrorEntry? Find(string code) => ByCode.GetValueOrDefault(code);

    private static List<ErrorEntry> Load()
    {
        using var stream = typeof(ErrorCatalog).Assembly.GetManifestResourceStream("errors.json")
            ?? throw new InvalidOperationException("errors.json is not embedded in Trunkline.Core.");
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static ErrorEntry Read(JsonElement entry) => new(
        entry.GetProperty("code").GetString()!,
        entry.GetProperty("status").GetInt32(),
        entry.GetProperty("text").GetString()!,
        entry.GetProperty("remedy").GetString()!);
}

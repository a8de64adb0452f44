using System.Buffers;

namespace Trunkline.Server.Api.Events;

/// <summary>Reads W3C Trace Context headers; what is not valid is as good as absent (section 4.3 of it: restart the trace).</summary>
internal static class TraceContext
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static (string Parent, string? State)? Read(IHeaderDictionary headers)
    {
        if (headers.TraceParent is not [{ } parent] || !IsValid(parent))
        {
            return null;
        }

        var state = headers.TraceState.ToString();
        return (parent, state.Length is > 0 and <= 512 ? state : null);
    }

    /// <summary>True for version 00 to fe with a trace id and a parent id that are not all zero.</summary>
    public static bool IsValid(ReadOnlySpan<char> parent)
    {
        if (parent.Length < 55 || (parent.Length > 55 && (parent[..2] is "00" || parent[55] != '-')) || parent.Length > 256
            || parent[2] != '-' || parent[35] != '-' || parent[52] != '-')
        {
            return false;
        }

        var version = parent[..2];
        var trace = parent[3..35];
        var span = parent[36..52];
        var flags = parent[53..55];
        return !version.ContainsAnyExcept(Hex) && version is not "ff" && !trace.ContainsAnyExcept(Hex) && trace.ContainsAnyExcept('0')
            && !span.ContainsAnyExcept(Hex) && span.ContainsAnyExcept('0') && !flags.ContainsAnyExcept(Hex);
    }
}

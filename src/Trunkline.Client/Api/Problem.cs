namespace Trunkline.Client.Api;

/// <summary>An error answer: problem details of RFC 9457 with Trunkline's stable code.</summary>
public sealed record Problem
{
    /// <summary><c>urn:trunkline:problem:</c> and the code.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>The code's text in the catalogue.</summary>
    public string? Title { get; init; }

    /// <summary>HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>What happened here; no payload, no secret.</summary>
    public string? Detail { get; init; }

    /// <summary>Stable, from the error catalogue.</summary>
    public string? Code { get; init; }

    /// <summary>What to do.</summary>
    public string? Remedy { get; init; }

    /// <summary>Every fault found, for project files; null otherwise.</summary>
    public IReadOnlyList<FaultView>? Faults { get; init; }

    /// <summary>Every place where messages do not fit their topic's schema, at most 100; null for other problems.</summary>
    public IReadOnlyList<ViolationView>? Violations { get; init; }
}

/// <summary>A place where a message does not fit the schema of its topic.</summary>
/// <param name="Message">The message's place in the request, from 0.</param>
/// <param name="At">JSON pointer into the message; empty for the whole.</param>
/// <param name="Keyword">What of the schema it breaks.</param>
/// <param name="Fault">What is wrong, in words.</param>
public sealed record ViolationView(int Message, string At, string Keyword, string Fault);

/// <summary>A fault of a project file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">One-based; 0 for the file as a whole.</param>
/// <param name="Code">From the error catalogue.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
public sealed record FaultView(string File, int Line, string Code, string Message, string Remedy);

namespace Trunkline.Server.Readers;

/// <summary>What a check of a project's contracts found.</summary>
public sealed record ContractsReport
{
    /// <summary>What was checked: a schema, or a reader of it.</summary>
    public required IReadOnlyList<ContractCase> Cases { get; init; }

    /// <summary>Everything found.</summary>
    public required IReadOnlyList<ContractFinding> Findings { get; init; }
}

/// <summary>Something that was checked.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Name">The reader, or the check of the schema itself.</param>
public sealed record ContractCase(string Subject, string Name);

/// <summary>Something that is wrong with a contract.</summary>
public sealed record ContractFinding
{
    /// <summary>What kind of thing, stable: <c>contract.</c> and a word.</summary>
    public required string Code { get; init; }

    /// <summary>The subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The case it belongs to.</summary>
    public required string Case { get; init; }

    /// <summary>The topic; null if it is about the schema alone.</summary>
    public string? Topic { get; init; }

    /// <summary>The schema's file, relative to the project's folder.</summary>
    public required string File { get; init; }

    /// <summary>The reader; null if it is about the schema alone.</summary>
    public string? Reader { get; init; }

    /// <summary><c>flow</c> or <c>group</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The field; null if it is about the whole.</summary>
    public string? Field { get; init; }

    /// <summary>Who answers for the reader; null if nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>How to reach the owner; null if it is not known.</summary>
    public string? Contact { get; init; }

    /// <summary>Where the reader runs, as <c>version in environment</c>; null if it is not known.</summary>
    public string? Runs { get; init; }

    /// <summary>What is wrong, naming all of it.</summary>
    public required string Message { get; init; }
}

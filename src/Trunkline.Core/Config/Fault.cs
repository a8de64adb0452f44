namespace Trunkline.Core.Config;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="Line">One-based; 0 when the fault concerns the file as a whole.</param>
public readonly record struct SourceLocation(string File, int Line)
{
    /// <summary><c>file:line</c>, as editors and terminals understand it.</summary>
    public override string ToString() => Line > 0 ? FormattableString.Invariant($"{File}:{Line}") : File;
}

/// <summary>Something wrong in a configuration: where, what, and how to mend it. Never holds a secret's value.</summary>
/// <param name="Where">The place.</param>
/// <param name="Code">Stable, from the error catalogue (<c>config.unknown-key</c>).</param>
/// <param name="Message">What is wrong, naming the value.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Fault(SourceLocation Where, string Code, string Message, string Remedy);

namespace Trunkline.Server.Schemas.Registry;

/// <summary>A subject's name with its context: <c>:.context:subject</c>, or the bare subject in the default context.</summary>
/// <param name="Context">The context, beginning with a dot; a dot alone is the default.</param>
/// <param name="Subject">The subject; empty for the context itself.</param>
internal readonly record struct SubjectName(string Context, string Subject)
{
    /// <summary>The default context.</summary>
    public const string DefaultContext = ".";

    private const int LengthMax = 1024;

    /// <summary>Takes a name apart.</summary>
    public static SubjectName Parse(string name)
    {
        if (name.StartsWith(":.", StringComparison.Ordinal) && name.IndexOf(':', 2) is > 0 and var end)
        {
            return new(name[1..end], name[(end + 1)..]);
        }

        return new(DefaultContext, name);
    }

    /// <summary>The name seen from a context in the address: one that names its own context keeps it.</summary>
    public static SubjectName In(string? context, string name) =>
        context is null || name.StartsWith(":.", StringComparison.Ordinal) ? Parse(name) : new(context.StartsWith('.') ? context : "." + context, name);

    /// <summary>True for a name that may be registered.</summary>
    public bool IsValid => Subject.Length is > 0 and <= LengthMax && Context.Length <= LengthMax && !Subject.Any(char.IsControl) && !Context.Any(char.IsControl)
        && Subject is not ("__GLOBAL" or "__EMPTY");

    /// <inheritdoc/>
    public override string ToString() => Context == DefaultContext ? Subject : $":{Context}:{Subject}";
}

namespace Trunkline.Server.Traffic;

/// <summary>How messages of a producer changed.</summary>
internal enum DriftKind
{
    /// <summary>A field the schema does not declare.</summary>
    Undeclared,

    /// <summary>A field that did not come before, and that no schema speaks of.</summary>
    NewField,

    /// <summary>A kind of value that did not come before, or that the schema does not declare.</summary>
    Retyped,

    /// <summary>Texts of another form, such as dates written otherwise.</summary>
    Reformatted,

    /// <summary>A value outside the few that came before.</summary>
    NewValue,

    /// <summary>Null more often, or less.</summary>
    Nulls,

    /// <summary>Missing more often, or less.</summary>
    Presence,

    /// <summary>Numbers of another range, or texts of other lengths.</summary>
    Range,
}

/// <summary>A change of one field.</summary>
/// <param name="Kind">What kind of change.</param>
/// <param name="Path">The field's path.</param>
/// <param name="Was">What it was before, in words and figures, without values.</param>
/// <param name="Now">What it is now.</param>
/// <param name="Example">A value of now, masked.</param>
internal sealed record DriftFinding(DriftKind Kind, string Path, string Was, string Now, string Example);

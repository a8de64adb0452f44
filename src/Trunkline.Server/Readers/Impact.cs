using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Readers;

/// <summary>How a reader breaks.</summary>
internal enum BreakKind
{
    /// <summary>The field is gone.</summary>
    Removed,

    /// <summary>The field holds something else.</summary>
    Retyped,

    /// <summary>The field was always there and is not any more, or may be null.</summary>
    MayBeMissing,

    /// <summary>The schema never had the field.</summary>
    NotPromised,
}

/// <summary>A field of a reader that a schema breaks.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Field">The field.</param>
/// <param name="Kind">How.</param>
/// <param name="Reason">The same in words.</param>
internal sealed record ReaderBreak(Reader Reader, string Field, BreakKind Kind, string Reason);

/// <summary>What a schema that is to follow another one does to those who read messages of it.</summary>
internal static class Impact
{
    /// <summary>The fields that break, of the readers in their order.</summary>
    /// <param name="before">The fields up to now; null if nothing is known of them.</param>
    /// <param name="after">The fields from then on.</param>
    /// <param name="readers">Who reads.</param>
    public static IReadOnlyList<ReaderBreak> Of(SchemaFields? before, SchemaFields after, IEnumerable<Reader> readers) =>
        [.. readers.SelectMany(reader => Of(before, after, reader))];

    private static IEnumerable<ReaderBreak> Of(SchemaFields? before, SchemaFields after, Reader reader)
    {
        var told = new List<string>();
        foreach (var read in reader.Fields)
        {
            foreach (var field in Touched(before, after, read))
            {
                // Of a part that is gone the fields in it need not be told.
                if (!told.Exists(known => known.Length > 0 && FieldPath.IsIn(field, known)) && Judge(before, after, field) is var (kind, reason))
                {
                    told.Add(field);
                    yield return new ReaderBreak(reader, field, kind, reason);
                }
            }
        }
    }

    /// <summary>What reading a field touches: itself and all that was known to be in it, those it is in first.</summary>
    private static IEnumerable<string> Touched(SchemaFields? before, SchemaFields after, string read)
    {
        // A place that depends on the message, in something that is no list or map: any member of it.
        var from = read;
        while (from.Length > 0 && (before ?? after).Find(from) is null && from.EndsWith(FieldPath.Each, StringComparison.Ordinal))
        {
            from = FieldPath.Parent(from)!;
        }

        var inside = (before ?? after).All.Keys.Where(path => path.Length > 0 && path != from && FieldPath.IsIn(path, from)).Order(StringComparer.Ordinal);
        return from.Length == 0 ? inside : inside.Prepend(from);
    }

    private static (BreakKind Kind, string Reason)? Judge(SchemaFields? before, SchemaFields after, string field)
    {
        var (then, now) = (before?.Find(field), after.Find(field));
        if (now is null)
        {
            return then is null
                ? (BreakKind.NotPromised, $"the schema has no field '{field}'")
                : (BreakKind.Removed, $"'{field}' is removed");
        }

        if (then is null)
        {
            return null;
        }

        var added = now.Kinds & ~then.Kinds;
        if ((added & ~FieldKinds.Null) != FieldKinds.None)
        {
            return (BreakKind.Retyped, $"'{field}' was {FieldKindText.Of(then.Kinds)} and becomes {FieldKindText.Of(now.Kinds)}");
        }

        if (added == FieldKinds.Null)
        {
            return (BreakKind.MayBeMissing, $"'{field}' may become null");
        }

        return before!.IsAlwaysThere(field) && !after.IsAlwaysThere(field) && (FieldPath.Parent(field) is not { Length: > 0 } || !after.Find(field)!.IsRequired)
            ? (BreakKind.MayBeMissing, $"'{field}' was always there and becomes optional")
            : null;
    }
}

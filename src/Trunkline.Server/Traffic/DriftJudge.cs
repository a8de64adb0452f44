using System.Globalization;
using Trunkline.Server.Schemas.Fields;

namespace Trunkline.Server.Traffic;

/// <summary>
/// Whether messages of a window have another shape than those that were learned: fields, kinds, forms and values that did not come before, or that the schema does not declare. Each is looked
/// at by itself; how often things come, and how large they are, is a matter of <see cref="ShiftJudge"/>.
/// </summary>
/// <param name="fields">The fields the schema declares; null for none.</param>
internal sealed class DriftJudge(SchemaFields? fields)
{
    private const int DeclaredMin = 3;
    private const int LearnedMin = 100;
    private const int ValuesLearnedMin = 500;
    private const int ValueCountMin = 5;
    private const int ValuesMax = 12;
    private const int FewMin = 10;
    private const double ShareMin = 0.05;

    /// <summary>What of a field changed; at most one change is told of it.</summary>
    /// <param name="node">The field.</param>
    /// <param name="isLearned">Whether enough messages were seen to know what is usual.</param>
    public DriftFinding? Judge(FieldNode node, bool isLearned)
    {
        if (node.Window.Present == 0 && !(isLearned && node.Learned.Present > 0))
        {
            return null;
        }

        return Declared(node) ?? (isLearned ? New(node) ?? Kinds(node) ?? Forms(node) ?? Values(node) : null);
    }

    private DriftFinding? Declared(FieldNode node)
    {
        if (fields is null || node.Window.Present < DeclaredMin || node.Path.Length == 0)
        {
            return null;
        }

        if (fields.Find(node.Path) is not { } field)
        {
            // A part that is not declared is told once, not with everything in it.
            return fields.Find(node.Parent!.Path) is { } within && within.Kinds.HasFlag(FieldKinds.Object) && IsDescribed(node.Parent.Path)
                ? new(DriftKind.Undeclared, node.Path, "not in the schema", $"in {node.Window.Present} messages, {FieldKindText.Of(node.Window.KindsSeen)}", node.Example)
                : null;
        }

        // Bytes, and numbers that are none, are texts where they are looked at.
        var isNoNumber = field.Kinds.HasFlag(FieldKinds.Number) && node.Window.Of(TextForm.NoNumber) == node.Window.Of(FieldKinds.Text);
        var other = node.Window.KindsSeen & ~(field.Kinds.HasFlag(FieldKinds.Bytes) || isNoNumber ? field.Kinds | FieldKinds.Text : field.Kinds);
        return other != FieldKinds.None && field.Kinds != FieldKinds.None && CountOf(node.Window, other) >= DeclaredMin
            ? new(DriftKind.Retyped, node.Path, $"declared as {FieldKindText.Of(field.Kinds)}", $"{FieldKindText.Of(other)} in {CountOf(node.Window, other)} messages", node.Example)
            : Undeclared(node, field);
    }

    /// <summary>Values outside the list the schema has.</summary>
    private static DriftFinding? Undeclared(FieldNode node, SchemaField field)
    {
        if (field.Values is not { } values || node.Window.Values is not { } came)
        {
            return null;
        }

        var others = came.Where(value => !values.Contains(AsDeclared(value.Key))).Sum(value => value.Value);
        return others >= DeclaredMin
            ? new(DriftKind.NewValue, node.Path, string.Create(CultureInfo.InvariantCulture, $"declared as one of {values.Count} values"), string.Create(CultureInfo.InvariantCulture, $"others in {others} messages"), node.Example)
            : null;
    }

    /// <summary>A text as <see cref="SchemaField.Values"/> has it.</summary>
    private static string AsDeclared(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>True if the schema names members of a part at all; one that says only "an object" leaves them open.</summary>
    private bool IsDescribed(string path) => fields!.All.Keys.Any(key => key.Length > path.Length && FieldPath.IsIn(key, path));

    private static DriftFinding? New(FieldNode node) =>
        node is { Learned.Present: 0, Parent: { IsMap: false, Learned.Present: >= LearnedMin } parent } && IsMany(node.Window.Present, parent.Window.Present)
            ? new(DriftKind.NewField, node.Path, "never there", $"in {Share(node.Window.Present, parent.Window.Present)}, {FieldKindText.Of(node.Window.KindsSeen)}", node.Example)
            : null;

    private static DriftFinding? Kinds(FieldNode node)
    {
        var other = node.Window.KindsSeen & ~node.Learned.KindsSeen & ~FieldKinds.Null;
        return node.Learned.Present >= LearnedMin && other != FieldKinds.None && IsMany(CountOf(node.Window, other), node.Window.Present)
            ? new(DriftKind.Retyped, node.Path, FieldKindText.Of(node.Learned.KindsSeen), $"{FieldKindText.Of(other)} in {Share(CountOf(node.Window, other), node.Window.Present)}", node.Example)
            : null;
    }

    private static DriftFinding? Forms(FieldNode node)
    {
        var (then, now) = (node.Learned.Of(FieldKinds.Text), node.Window.Of(FieldKinds.Text));
        if (then < LearnedMin || now < FewMin)
        {
            return null;
        }

        foreach (var form in Enum.GetValues<TextForm>().Where(form => form is not (TextForm.Other or TextForm.Empty)))
        {
            if (node.Learned.Of(form) >= 0.99 * then && node.Window.Of(form) <= 0.85 * now)
            {
                return new(DriftKind.Reformatted, node.Path, $"{TextForms.Name(form)} in {Share(node.Learned.Of(form), then)}", $"in {Share(node.Window.Of(form), now)}", node.Example);
            }
        }

        return null;
    }

    private static DriftFinding? Values(FieldNode node)
    {
        if (node.Learned is not { Values: { Count: > 0 and <= ValuesMax } known, Present: >= ValuesLearnedMin } || known.Values.Any(count => count < ValueCountMin) || node.IsRepeated)
        {
            return null;
        }

        var texts = node.Window.Of(FieldKinds.Text);
        var others = node.Window.Values is { } values ? values.Where(value => !known.ContainsKey(value.Key)).Sum(value => value.Value) : texts;
        return IsMany(others, texts)
            ? new(DriftKind.NewValue, node.Path, $"{known.Count} values", $"others in {Share(others, texts)}", node.Example)
            : null;
    }

    private static int CountOf(FieldTally tally, FieldKinds kinds) =>
        Enum.GetValues<FieldKinds>().Where(kind => kind is not (FieldKinds.None or FieldKinds.Any) && kinds.HasFlag(kind)).Sum(tally.Of);

    private static bool IsMany(int count, int of) => count >= FewMin && count >= ShareMin * of;

    /// <summary>A share in words.</summary>
    public static string Share(int count, int of) => of == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{(double)count / of:0.#%}");
}

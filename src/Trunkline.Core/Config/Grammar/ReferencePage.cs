using System.Text;

namespace Trunkline.Core.Config.Grammar;

/// <summary>The reference of a file in Markdown: one table per object, in the order they are met.</summary>
public static class ReferencePage
{
    /// <summary>The tables' text, with <c>\n</c> line ends.</summary>
    public static string Render(ObjectType root)
    {
        var page = new StringBuilder();
        var known = new HashSet<ObjectType> { root };
        var open = new Queue<ObjectType>([root]);
        while (open.TryDequeue(out var type))
        {
            Write(page, type);
            foreach (var inner in type.Keys.Where(k => !k.NotYet).SelectMany(k => k.Type.Objects()).Where(known.Add))
            {
                open.Enqueue(inner);
            }
        }

        return page.ToString();
    }

    private static void Write(StringBuilder page, ObjectType type)
    {
        page.Append("\n## ").Append(type.Name).Append("\n\n").Append(type.Doc).Append("\n\n");
        page.Append("| key | value | default | what it does |\n|---|---|---|---|\n");
        foreach (var key in type.Keys.Where(k => !k.NotYet))
        {
            page.Append("| `").Append(key.Name).Append("` | ").Append(Cell(key.Type.Describe())).Append(" | ")
                .Append(Cell(Default(key))).Append(" | ").Append(Cell(Meaning(key))).Append(" |\n");
        }

        var later = type.Keys.Where(k => k.NotYet).Select(k => $"`{k.Name}`").ToArray();
        if (later.Length > 0)
        {
            page.Append("\nPlanned, and refused until then: ").AppendJoin(", ", later).Append(".\n");
        }
    }

    private static string Default(GrammarKey key) =>
        key.Required ? "required" : key.RequiredFor.Count > 0 ? "required for " + string.Join(", ", key.RequiredFor) : key.Default ?? "";

    private static string Meaning(GrammarKey key) => key.Only.Count == 0 ? key.Doc : $"{key.Doc} Only for {string.Join(", ", key.Only)}.";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}

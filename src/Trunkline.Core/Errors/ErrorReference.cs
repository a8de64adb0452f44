using System.Text;

namespace Trunkline.Core.Errors;

/// <summary>Writes <c>docs/reference/errors.md</c> from the catalogue; a test compares the file with it.</summary>
public static class ErrorReference
{
    /// <summary>The page's text, with <c>\n</c> line ends.</summary>
    public static string Render()
    {
        var page = new StringBuilder();
        page.Append("# Errors\n\n");
        page.Append("<!-- Made from src/Trunkline.Core/Errors/errors.json; change it there, then run the test with TRUNKLINE_WRITE_DOCS=1. -->\n\n");
        page.Append("Every error that leaves a node is problem+json (RFC 9457) with `code`, `status`, `title`, `detail` and `remedy`. ");
        page.Append("Codes never change their meaning. Faults of a project file and causes of dead letters use the same codes.\n");
        foreach (var area in ErrorCatalog.All.GroupBy(e => e.Code[..e.Code.IndexOf('.', StringComparison.Ordinal)]))
        {
            page.Append("\n## ").Append(area.Key).Append("\n\n| code | status | what | remedy |\n|---|---|---|---|\n");
            foreach (var entry in area)
            {
                page.Append("| `").Append(entry.Code).Append("` | ").Append(entry.Status).Append(" | ").Append(Cell(entry.Text))
                    .Append(" | ").Append(Cell(entry.Remedy)).Append(" |\n");
            }
        }

        return page.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}

using System.Text;
using System.Text.Encodings.Web;
using Microsoft.OpenApi;

namespace Trunkline.Server.Api;

/// <summary>The API's description as one page of HTML that needs nothing from elsewhere.</summary>
internal static class DocumentPage
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Trunkline API</title><style>
        :root{color-scheme:light dark;--line:#8884;--soft:#8881}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
        h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}section{margin:1.5rem 0;padding:1rem;border:1px solid var(--line);border-radius:.5rem}
        h3{margin:0;font-size:1rem;font-family:ui-monospace,monospace;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;margin-top:.5rem}
        td,th{text-align:left;padding:.25rem .5rem;border-top:1px solid var(--line);vertical-align:top}code{background:var(--soft);padding:.1rem .3rem;border-radius:.2rem}
        </style></head><body><main>
        """;

    public static string Render(OpenApiDocument document)
    {
        var page = new StringBuilder(Head);
        page.Append("<h1>").Append(Text(document.Info.Title)).Append(" API ").Append(Text(document.Info.Version)).Append("</h1><p>")
            .Append(Text(document.Info.Description)).Append(" The same for machines: <a href=\"/openapi/v1.json\">/openapi/v1.json</a>.</p>");
        var operations = document.Paths.SelectMany(p => (p.Value.Operations ?? []).Select(o => (Path: p.Key, Method: o.Key.Method, Operation: o.Value)));
        foreach (var group in operations.GroupBy(o => o.Operation.Tags?.FirstOrDefault()?.Name ?? "other").OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            page.Append("<h2>").Append(Text(group.Key)).Append("</h2>");
            foreach (var (path, method, operation) in group)
            {
                Render(page, $"{method} {path}", operation);
            }
        }

        return page.Append("</main></body></html>").ToString();
    }

    private static void Render(StringBuilder page, string title, OpenApiOperation operation)
    {
        page.Append("<section><h3>").Append(Text(title)).Append("</h3><p>").Append(Text(operation.Summary)).Append(' ').Append(Text(operation.Description)).Append("</p>");
        if (operation.RequestBody?.Content is { Count: > 0 } content)
        {
            page.Append("<p>Body: ").AppendJoin(", ", content.Keys.Select(t => $"<code>{Text(t)}</code>")).Append("</p>");
        }

        if (operation.Parameters is { Count: > 0 } parameters)
        {
            page.Append("<table><tr><th>parameter</th><th>in</th><th>what</th></tr>");
            foreach (var parameter in parameters)
            {
                page.Append("<tr><td><code>").Append(Text(parameter.Name)).Append("</code>").Append(parameter.Required ? " required" : "").Append("</td><td>")
                    .Append(Text(parameter.In?.ToString().ToLowerInvariant())).Append("</td><td>").Append(Text(parameter.Description ?? TypeOf(parameter.Schema))).Append("</td></tr>");
            }

            page.Append("</table>");
        }

        page.Append("<table><tr><th>answer</th><th>what</th></tr>");
        foreach (var (status, response) in operation.Responses ?? [])
        {
            page.Append("<tr><td>").Append(Text(status)).Append("</td><td>").Append(Text(response.Description)).Append(' ')
                .AppendJoin(", ", (response.Content?.Keys ?? []).Select(t => $"<code>{Text(t)}</code>")).Append("</td></tr>");
        }

        page.Append("</table></section>");
    }

    private static string? TypeOf(IOpenApiSchema? schema) => schema?.Type?.ToString().ToLowerInvariant();

    private static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Trunkline.Client.Api;
using Trunkline.Dashboard.Assets;

namespace Trunkline.Dashboard.Site;

/// <summary>A catalog as a site of plain files that can be read where they lie.</summary>
public static class CatalogSite
{
    /// <summary>The files by their path in the site's folder, with slashes.</summary>
    /// <param name="view">The catalog.</param>
    public static async Task<IReadOnlyDictionary<string, string>> RenderAsync(CatalogView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["site.css"] = AssetFiles.Text("dashboard.css"), ["index.html"] = await PageAsync<SiteOverview>(renderer, view, null) };
        foreach (var topic in view.Topics)
        {
            files[$"topics/{topic.Name}.html"] = await PageAsync<SiteTopic>(renderer, view, (nameof(SiteTopic.Topic), topic));
        }

        foreach (var flow in view.Flows)
        {
            files[$"flows/{flow.Name}.html"] = await PageAsync<SiteFlow>(renderer, view, (nameof(SiteFlow.Flow), flow));
        }

        return files;
    }

    private static Task<string> PageAsync<TPage>(HtmlRenderer renderer, CatalogView view, (string Name, object Value)? about)
        where TPage : IComponent => renderer.Dispatcher.InvokeAsync(async () =>
    {
        var parameters = new Dictionary<string, object?> { ["View"] = view };
        if (about is var (name, value))
        {
            parameters[name] = value;
        }

        return (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString();
    });
}

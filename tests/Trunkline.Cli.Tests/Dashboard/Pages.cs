using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Trunkline.Cli.Tests.Dashboard;

/// <summary>Renders pages without a node.</summary>
internal static class Pages
{
    /// <summary>A page with one parameter, as markup whose texts are written plainly, but for what opens an element.</summary>
    public static async Task<string> RenderAsync<TPage>(string parameter, object value)
        where TPage : IComponent
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [parameter] = value });
            return System.Net.WebUtility.HtmlDecode((await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString().Replace("&lt;", "&amp;lt;", StringComparison.Ordinal));
        });
    }
}

using System.Net;
using Trunkline.Core.Config;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Configuration.Reading;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Addresses written out in URLs that outgoing calls would refuse. What a name resolves to is checked at the call.</summary>
internal static class AddressCheck
{
    public static void Run(ProjectConfig project, Sections sections, FaultList faults)
    {
        var rule = new OutgoingAddressPolicy(project.Node.AllowAddresses);
        var urls = sections.Models.Where(m => m.Value?.Get(ModelGrammar.Endpoint) is not null)
            .Select(m => (Url: m.Value!.Get(ModelGrammar.Endpoint)!, Where: m.Value.WhereOf(ModelGrammar.Endpoint)))
            .Concat(project.Flows.Values.SelectMany(f => f.Branches).SelectMany(b => b.To).Select(UrlOf).OfType<(Uri, SourceLocation)>());
        foreach (var (url, where) in urls)
        {
            if (IPAddress.TryParse(url.DnsSafeHost, out var address) && !rule.Allows(url.DnsSafeHost, address))
            {
                faults.Add(
                    where,
                    FaultCodes.AddressRefused,
                    $"'{url.DnsSafeHost}' is a private, link-local or special address; outgoing calls refuse it.",
                    "List it under node.allowAddresses if it is meant.");
            }
        }
    }

    private static (Uri Url, SourceLocation Where)? UrlOf(SinkConfig sink) => sink switch
    {
        WebhookSinkConfig webhook => (webhook.Url, webhook.Where),
        ChatSinkConfig chat => (new Uri(chat.Url.Value), chat.Where),
        _ => null,
    };
}

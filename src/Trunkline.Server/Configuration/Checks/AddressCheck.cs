using System.Net;
using Trunkline.Core.Config;
using Trunkline.Core.Security;
using Trunkline.Server.Configuration.Grammar;
using Trunkline.Server.Configuration.Reading;

namespace Trunkline.Server.Configuration.Checks;

/// <summary>Addresses written out, in URLs or for mail servers, that outgoing calls would refuse. What a name resolves to is checked at the call.</summary>
internal static class AddressCheck
{
    public static void Run(ProjectConfig project, Sections sections, FaultList faults)
    {
        var rule = new OutgoingAddressPolicy(project.Node.AllowAddresses);
        foreach (var model in sections.Models)
        {
            if (model.Value?.Get(ModelGrammar.Endpoint) is { } endpoint)
            {
                Check(endpoint.DnsSafeHost, model.Value.WhereOf(ModelGrammar.Endpoint), rule, faults);
            }
        }

        foreach (var flow in project.Flows.Values)
        {
            Run(flow, rule, faults);
        }

        foreach (var receiver in project.Alerts.Receivers.Values)
        {
            Check(receiver, rule, faults);
        }
    }

    /// <summary>Checks where one flow reads from and sends to.</summary>
    public static void Run(FlowConfig flow, OutgoingAddressPolicy rule, FaultList faults)
    {
        if (flow.From is ImapSourceConfig imap)
        {
            Check(imap.Server.Host, imap.Where, rule, faults);
        }

        foreach (var sink in flow.Branches.SelectMany(branch => branch.To))
        {
            Check(sink, rule, faults);
        }
    }

    private static void Check(SinkConfig sink, OutgoingAddressPolicy rule, FaultList faults)
    {
        if (HostOf(sink) is { } host)
        {
            Check(host, sink.Where, rule, faults);
        }
    }

    private static string? HostOf(SinkConfig sink) => sink switch
    {
        WebhookSinkConfig webhook => webhook.Url.DnsSafeHost,
        ChatSinkConfig chat => new Uri(chat.Url.Value).DnsSafeHost,
        SmtpSinkConfig smtp => smtp.Server.Host,
        AlertmanagerSinkConfig manager => manager.Url.DnsSafeHost,
        PagerSinkConfig pager => pager.Url.DnsSafeHost,
        _ => null,
    };

    private static void Check(string host, SourceLocation where, OutgoingAddressPolicy rule, FaultList faults)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && !rule.Allows(host, address))
        {
            faults.Add(
                where,
                FaultCodes.AddressRefused,
                $"'{Printable.Show(host)}' is a private, link-local or special address; outgoing calls refuse it.",
                "List it under node.allowAddresses if it is meant.");
        }
    }
}

using Trunkline.Client.Api;

namespace Trunkline.Cli.Demo;

/// <summary>What a demo found out.</summary>
internal sealed record DemoResult
{
    /// <summary>The figures fixed for the outside world.</summary>
    public required DemoReport Report { get; init; }

    /// <summary>Every mail by the topics.</summary>
    public required MailLedger Ledger { get; init; }

    /// <summary>What the candidate would do.</summary>
    public required ComparisonView Comparison { get; init; }

    /// <summary>Mails that judge the spam model.</summary>
    public required int HeldOut { get; init; }

    /// <summary>Drafts in their topic.</summary>
    public required long Drafts { get; init; }

    /// <summary>How often the node died.</summary>
    public required int Deaths { get; init; }

    /// <summary>Whether drafts come from the canned server.</summary>
    public required bool Canned { get; init; }

    /// <summary>Webhooks whose signature did not fit.</summary>
    public required int Refused { get; init; }

    /// <summary>Whether every mail is in exactly one place and every urgent one was told.</summary>
    public bool AddsUp => Report.AddsUp && Ledger.Faults.Count == 0 && Ledger.WebhooksDead == 0;

    /// <summary>Whether the mails add up and the planted drift was told.</summary>
    public bool IsWhole => AddsUp && Report.Drift.IsWhole;
}

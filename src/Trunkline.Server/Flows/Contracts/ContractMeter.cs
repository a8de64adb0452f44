using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Flows.Contracts;

/// <summary>Counts messages that do not fit. Thread-safe.</summary>
internal static class ContractMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);

    private static readonly Counter<long> Violations = Meter.CreateCounter<long>(
        TelemetryNames.ContractViolations, "{message}", "Messages that do not fit their topic's schema");

    public static void Violated(TopicContract contract, int messages) => Violations.Add(
        messages, KeyValuePair.Create(TelemetryNames.Topic, (object?)contract.Topic), KeyValuePair.Create(TelemetryNames.Outcome, (object?)Outcome(contract.Policy)));

    private static string Outcome(ContractPolicy policy) => policy switch
    {
        ContractPolicy.Reject => "rejected",
        ContractPolicy.DeadLetter => "dead-lettered",
        _ => "observed",
    };
}

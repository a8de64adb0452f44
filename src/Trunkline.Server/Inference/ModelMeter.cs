using System.Diagnostics.Metrics;
using Trunkline.Core.Telemetry;
using Trunkline.Server.Effects;

namespace Trunkline.Server.Inference;

/// <summary>The instruments of model calls. Thread-safe.</summary>
internal static class ModelMeter
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>(TelemetryNames.ModelCalls, "{call}", "Calls of models");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>(TelemetryNames.ModelTokens, "{token}", "Tokens read and written by models");
    private static readonly Counter<double> Cost = Meter.CreateCounter<double>(TelemetryNames.ModelCost, description: "What calls of models cost");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(TelemetryNames.ModelCallDuration, "s", "Time of one call");
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>(TelemetryNames.ModelWait, "s", "Time a call waited for room");

    private static readonly Counter<long> OverBudgets = Meter.CreateCounter<long>(TelemetryNames.ModelOverBudget, "{call}", "Questions that found no room in a budget");

    public static void OverBudget(string model, string flow) => OverBudgets.Add(1, Label(TelemetryNames.Model, model), Label(TelemetryNames.Flow, flow));

    public static void Called(string model, string flow, string outcome, TimeSpan spent)
    {
        Calls.Add(1, Label(TelemetryNames.Model, model), Label(TelemetryNames.Flow, flow), Label(TelemetryNames.Outcome, outcome));
        Duration.Record(spent.TotalSeconds, Label(TelemetryNames.Model, model), Label(TelemetryNames.Flow, flow));
    }

    public static void Waited(string model, string flow, TimeSpan spent) => Wait.Record(spent.TotalSeconds, Label(TelemetryNames.Model, model), Label(TelemetryNames.Flow, flow));

    public static void Used(string model, EffectUsage usage)
    {
        Count(model, "input", usage.InputTokens);
        Count(model, "output", usage.OutputTokens);
        if (usage.Cost is { } cost)
        {
            Cost.Add((double)cost, Label(TelemetryNames.Model, model));
        }
    }

    private static void Count(string model, string direction, int? tokens)
    {
        if (tokens is > 0)
        {
            Tokens.Add(tokens.Value, Label(TelemetryNames.Model, model), Label(TelemetryNames.Direction, direction));
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}

using System.Globalization;
using System.Text.Json.Nodes;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The <c>slo</c> of a flow.</summary>
internal static class SloGrammar
{
    public const double TargetMin = 0.5;
    public const double TargetMax = 0.99999;

    public static readonly TimeSpan WindowMin = TimeSpan.FromDays(1);
    public static readonly TimeSpan WindowMax = TimeSpan.FromDays(366);

    /// <summary>The share that has to be good.</summary>
    public static readonly ScalarType<double> Target = new("share such as `99.9%` or `0.999`, from 50% to 99.999%", FaultCodes.BadValue, (text, _) => ReadTarget(text))
    {
        Form = () => new JsonObject { ["anyOf"] = new JsonArray(Scalars.Pattern(@"^[0-9]+(\.[0-9]+)?%?$"), new JsonObject { ["type"] = "number", ["minimum"] = TargetMin, ["maximum"] = TargetMax }) },
    };

    /// <summary>Over how long.</summary>
    public static readonly ScalarType<TimeSpan> WindowSpan = Scalars.Duration(WindowMin, WindowMax);

    public static readonly GrammarKey<TimeSpan> Within = new(
        "within", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30)), "The longest a message may take from its append to its delivery.")
    { Default = "any time" };

    public static readonly GrammarKey<double> Latency = new("latency", Target, "The share of messages that is delivered within that time.") { Default = "99% if `within` stands alone" };
    public static readonly GrammarKey<double> Success = new("success", Target, "The share of messages that is delivered, however late.") { Default = "not promised" };
    public static readonly GrammarKey<double> Fidelity = new("fidelity", Target, "The share of messages delivered once, in order, in time, by the intended model.") { Default = "not promised" };
    public static readonly GrammarKey<TimeSpan> Window = new("window", WindowSpan, "The rolling window the shares and their budgets are over.") { Default = "30d" };
    public static readonly GrammarKey<bool> PerTenant = new("perTenant", Scalars.Boolean, "Whether every tenant has budgets of its own, beside those of the flow; at most 100 tenants.") { Default = "false" };

    public static readonly GrammarKey<int> Least = new(
        "least", Scalars.WholeNumber(1, 1_000_000), "Messages a burn rate is judged by at least: with fewer nobody is alerted.")
    { Default = "30" };

    public static readonly GrammarKey<TimeSpan> QuietMax = new(
        "quietMax", Scalars.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)), "A flow that finishes no message for so long is in trouble. Without it no traffic spends no budget and alerts nobody.")
    { Default = "quiet is fine" };

    public static readonly ObjectType Type = new(
        "slo", "What the flow promises; `trunkline slo` and `trunkline fidelity` measure against it.", Within, Latency, Success, Fidelity, Window, PerTenant, Least, QuietMax);

    public static readonly GrammarKey<ObjectValues> Slo = new("slo", Type, "What the flow promises.") { Default = "no bound" };

    internal static ScalarReading<double> ReadTarget(string text)
    {
        var percent = text.EndsWith('%');
        return decimal.TryParse(percent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && (double)(percent ? number / 100 : number) is >= TargetMin and <= TargetMax and var share
            ? new ScalarReading<double>(share)
            : new ScalarReading<double>(0, "a share from 50% to 99.999%", "Write it as 99.9% or 0.999; a promise of 100% leaves no budget to measure.");
    }
}

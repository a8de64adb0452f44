using System.Globalization;
using System.Text.RegularExpressions;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The section <c>policies</c>, and what topics say of their end.</summary>
internal static class PolicyGrammar
{
    private const int PatternLengthMax = 500;

    /// <summary>A day.</summary>
    public static readonly ScalarType<DateOnly> Day = new("day such as `2027-03-31`", FaultCodes.BadValue, (text, _) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new ScalarReading<DateOnly>(day)
            : new ScalarReading<DateOnly>(default, "a day such as 2027-03-31"))
    {
        Form = () => Scalars.Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    };

    private static readonly ScalarType<string> Pattern = Scalars.Checked("pattern a whole name has to match", FaultCodes.BadValue, text => IsPattern(text)
        ? null
        : "a regular expression without back references and look-around, up to 500 characters");

    private static readonly ChoiceType<bool> Requirement = new(("required", true), ("optional", false));

    public static readonly GrammarKey<bool> Owner = new("owner", Requirement, "Whether every topic, flow and listed reader names an owner.") { Default = "`optional`" };
    public static readonly GrammarKey<bool> Subject = new("subject", Requirement, "Whether every topic names a subject.") { Default = "`optional`" };
    public static readonly GrammarKey<bool> Slo = new("slo", Requirement, "Whether every flow names an SLO.") { Default = "`optional`" };

    public static readonly GrammarKey<bool> Breaking = new(
        "breaking",
        new ChoiceType<bool>(("approved", true), ("allowed", false)),
        "`approved`: a schema that breaks readers is registered only when the owners of all of them have approved it (`trunkline contracts approve`).")
    { Default = "`allowed`" };

    public static readonly GrammarKey<string> TopicNames = new("topicNames", Pattern, "What names of topics look like, as a regular expression.");
    public static readonly GrammarKey<string> FlowNames = new("flowNames", Pattern, "What names of flows look like, as a regular expression.");

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Except = new(
        "except", new ListType<string>(Values.Topic) { AllowSingle = true, ItemsMax = 1000 }, "Topics and flows the policies do not hold for.");

    public static readonly ObjectType Type = new(
        "policies", "What the project holds itself to; `trunkline check` and `apply` refuse one that does not.", Owner, Subject, Slo, Breaking, TopicNames, FlowNames, Except);

    public static readonly GrammarKey<DateOnly> Sunset = new("sunset", Day, "The last day it is kept.");
    public static readonly GrammarKey<string> Use = new("use", Values.Topic, "The topic that takes its place.");

    public static readonly ObjectType Deprecated = new("deprecated", "The end of a topic, told to who writes and reads it.", Sunset, Use) { Shorthand = Sunset };

    /// <summary>True for a pattern that is matched in time that grows with the name only.</summary>
    private static bool IsPattern(string text)
    {
        try
        {
            return text.Length <= PatternLengthMax && new Regex(text, RegexOptions.NonBacktracking).MatchTimeout != TimeSpan.Zero;
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

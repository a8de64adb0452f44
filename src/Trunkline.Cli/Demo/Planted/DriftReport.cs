using System.Text.Json.Serialization;

namespace Trunkline.Cli.Demo.Planted;

/// <summary>What became of the drift that the demo planted.</summary>
/// <param name="Topic">Where it was planted.</param>
/// <param name="Usual">Messages before it.</param>
/// <param name="AlarmsBefore">Alarms those raised; each would be a false one.</param>
/// <param name="Planted">The fields that were made to drift.</param>
/// <param name="Told">What <c>trunkline drift</c> says of them.</param>
internal sealed record DriftReport(string Topic, int Usual, int AlarmsBefore, IReadOnlyList<string> Planted, IReadOnlyList<DriftAlarmReport> Told)
{
    /// <summary>Whether all that was planted was told, and nothing else.</summary>
    [JsonIgnore]
    public bool IsWhole => AlarmsBefore == 0 && Told.Select(alarm => alarm.Field).SequenceEqual(Planted, StringComparer.Ordinal);
}

/// <summary>An alarm.</summary>
/// <param name="Field">The field.</param>
/// <param name="Kind">What kind of change.</param>
/// <param name="Was">What it was.</param>
/// <param name="Now">What it is.</param>
/// <param name="Example">A value of now, masked.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Messages">Drifted messages that had been written when it was told.</param>
internal sealed record DriftAlarmReport(string Field, string Kind, string Was, string Now, string Example, string? Owner, int Messages);

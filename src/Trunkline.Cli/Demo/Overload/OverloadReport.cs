using System.Text.Json;

namespace Trunkline.Cli.Demo.Overload;

/// <summary>What the demo of overload found: the same load twice.</summary>
/// <param name="Messages">Messages of one run.</param>
/// <param name="Tenants">Tenants, one of which floods.</param>
/// <param name="Flood">Messages of that one.</param>
/// <param name="Before">With a fixed number of calls at once, as was right while the model was fast.</param>
/// <param name="After">With adaptive <c>concurrency</c> and <c>overload: buffer</c>.</param>
internal sealed record OverloadReport(int Messages, int Tenants, int Flood, OverloadFigures Before, OverloadFigures After)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    /// <summary>Whether every message of both runs is in exactly one place, and none was given up once calls were limited.</summary>
    public bool AddsUp => Before.Delivered + Before.DeadLetters == Messages && After.Delivered == Messages && After.DeadLetters == 0;

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options);
}

/// <summary>Figures of one run.</summary>
/// <param name="Delivered">Messages answered.</param>
/// <param name="DeadLetters">Messages given up after their tries.</param>
/// <param name="Calls">Calls the model got.</param>
/// <param name="WastedCalls">Of them, those it worked on for nobody.</param>
/// <param name="QuietP50Ms">From the append to the answer, median over the tenants that do not flood.</param>
/// <param name="QuietP99Ms">The 99th percentile of these.</param>
/// <param name="Seconds">Until everything was through.</param>
internal sealed record OverloadFigures(int Delivered, int DeadLetters, int Calls, int WastedCalls, double QuietP50Ms, double QuietP99Ms, double Seconds);

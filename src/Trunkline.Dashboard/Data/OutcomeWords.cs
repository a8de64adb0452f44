namespace Trunkline.Dashboard.Data;

/// <summary>How outcomes are coloured.</summary>
internal static class OutcomeWords
{
    /// <summary>What went as written is good, what waits wants a look, the rest is bad.</summary>
    public static string Tone(string state) => state switch
    {
        "delivered" or "filtered" => "good",
        "parked" or "pending" => "warn",
        _ => "bad",
    };
}

using System.Globalization;

namespace Trunkline.Server.Steps;

/// <summary>Which part of a message this is, through all splits: its places, such as <c>3.0</c>; empty for the whole message.</summary>
/// <param name="Place">The places.</param>
internal readonly record struct Parts(string Place)
{
    /// <summary>The whole message.</summary>
    public static Parts None { get; } = new("");

    /// <summary>A part of this one.</summary>
    public Parts Then(int place) => new(Place.Length == 0 ? place.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Place}.{place}"));

    /// <summary>What the id of an output is made of beside the message's: the sink, and the part.</summary>
    public string Name(string sink) => Place.Length == 0 ? sink : $"{sink}\nsplit {Place}";
}

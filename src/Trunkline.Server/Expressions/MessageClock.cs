using System.Globalization;
using Jint.Runtime;

namespace Trunkline.Server.Expressions;

/// <summary>The clock and the dice of an expression: both depend on the message alone, so that a replay gives equal bytes.</summary>
internal sealed class MessageClock() : DefaultTimeSystem(TimeZoneInfo.Utc, CultureInfo.InvariantCulture), ITimeSystem
{
    private DateTimeOffset _now;
    private ulong _state;

    /// <summary>Sets both for the next evaluation.</summary>
    public void Set(DateTimeOffset time, ulong seed)
    {
        _now = time;
        _state = seed;
    }

    DateTimeOffset ITimeSystem.GetUtcNow() => _now;

    /// <summary>The next number in [0, 1): SplitMix64 (Steele, Lea, Flood 2014), 53 bits of it.</summary>
    public double NextRandom()
    {
        _state += 0x9e3779b97f4a7c15;
        var mixed = (_state ^ (_state >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}

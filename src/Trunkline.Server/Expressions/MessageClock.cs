using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Jint.Runtime;
using Trunkline.Messaging;

namespace Trunkline.Server.Expressions;

/// <summary>The clock and the dice of an expression: both depend on the message alone, so that a replay gives equal bytes.</summary>
internal sealed class MessageClock() : DefaultTimeSystem(TimeZoneInfo.Utc, CultureInfo.InvariantCulture), ITimeSystem
{
    private DateTimeOffset _now;
    private Message? _message;
    private long _salt;
    private ulong _state;
    private bool _seeded;

    /// <summary>Sets both for the next evaluation.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="message">Seeds the dice by its source and id, when they are thrown.</param>
    /// <param name="salt">Seeds them too.</param>
    public void Set(DateTimeOffset time, Message? message, long salt)
    {
        (_now, _message, _salt, _seeded) = (time, message, salt, false);
    }

    DateTimeOffset ITimeSystem.GetUtcNow() => _now;

    /// <summary>The next number in [0, 1): SplitMix64 (Steele, Lea, Flood 2014), 53 bits of it.</summary>
    public double NextRandom()
    {
        if (!_seeded)
        {
            _seeded = true;
            _state = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{_message?.Source}\0{_message?.Id}"), _salt);
        }

        _state += 0x9e3779b97f4a7c15;
        var mixed = (_state ^ (_state >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}

namespace Trunkline.Testing;

/// <summary>A clock that runs as the system's does and can be moved. Timers run in real time and are not moved. Thread-safe.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _shiftTicks;

    /// <summary>Moves the clock; a negative time moves it back.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _shiftTicks, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _shiftTicks));
}

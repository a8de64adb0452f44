namespace Trunkline.Server.Schemas.Registry;

/// <summary>
/// After a restore: the id that all contexts go on above. The store forgot which ids were given after its backup, and messages with them may
/// still be read somewhere.
/// </summary>
/// <param name="RestoredAt">The restore it is for.</param>
/// <param name="Id">No id up to this one is given any more.</param>
internal sealed record IdFloor(DateTimeOffset RestoredAt, int Id)
{
    /// <summary>Beyond the highest id of a backup that lies above the clock's: more than anybody registers between a backup and its restore.</summary>
    private const int Gap = 1_000_000;

    private static readonly DateTimeOffset s_zero = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// The floor for a restore: the seconds since 2025. Ids are given one by one from 1 or from the last floor, so one given before is above this
    /// only where more than a schema a second was registered ever since. It fits until 2093.
    /// </summary>
    /// <param name="restoredAt">When it was.</param>
    /// <param name="highest">The highest id the restored store knows.</param>
    public static IdFloor After(DateTimeOffset restoredAt, int highest)
    {
        var clock = (long)Math.Max(0, (restoredAt - s_zero).TotalSeconds);
        return new(restoredAt, (int)Math.Min(int.MaxValue, highest < clock ? clock : (long)highest + Gap));
    }
}

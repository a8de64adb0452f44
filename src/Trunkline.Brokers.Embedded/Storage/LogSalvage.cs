namespace Trunkline.Brokers.Embedded.Storage;

/// <summary>What is taken of a commit log that is damaged.</summary>
internal enum LogSalvage
{
    /// <summary>Nothing: the store does not open.</summary>
    None,

    /// <summary>All before the damage.</summary>
    ToDamage,

    /// <summary>All that is whole, also behind the damage.</summary>
    PastDamage,
}

namespace Trunkline.Server.Effects;

/// <summary>Where the answers of the outside come from when recorded messages are run again.</summary>
internal enum EffectMode
{
    /// <summary>From the recording; models of this machine may run where nothing was recorded. Nobody else is asked.</summary>
    Recorded,

    /// <summary>From answers given by hand, then as <see cref="Recorded"/>.</summary>
    Stub,

    /// <summary>Everything is asked anew.</summary>
    Fresh,
}

namespace Trunkline.Cli;

/// <summary>What the process ends with. Scripts rely on these numbers; they never change.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>A check found something.</summary>
    public const int Found = 1;

    /// <summary>Usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>The node is not reachable.</summary>
    public const int Unreachable = 3;

    /// <summary>Refused or failed.</summary>
    public const int Failed = 4;

    /// <summary>A fault in Trunkline itself.</summary>
    public const int Internal = 70;

    /// <summary>Interrupted.</summary>
    public const int Interrupted = 130;
}

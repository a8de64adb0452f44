namespace Trunkline.Server.Hosting;

/// <summary>Exit codes of the process (design, "Interfaces fixed for the outside world").</summary>
public static class ExitCode
{
    /// <summary>Done; a node stopped as asked.</summary>
    public const int Done = 0;

    /// <summary>Usage or configuration.</summary>
    public const int Configuration = 2;

    /// <summary>Refused or failed: the store is another node's, the port is taken, the data is damaged.</summary>
    public const int Refused = 4;

    /// <summary>An error inside Trunkline.</summary>
    public const int Internal = 70;
}

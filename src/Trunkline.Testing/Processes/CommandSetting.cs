namespace Trunkline.Testing.Processes;

/// <summary>What a command finds when it starts.</summary>
public sealed record CommandSetting
{
    /// <summary>What is run. Default: the <c>trunkline</c> executable beside the running tests.</summary>
    public string Executable { get; init; } = CommandRun.Executable;

    /// <summary>Its working folder. Default: the temporary folder.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Variables besides those of the test's own process, of which none named <c>TRUNKLINE_…</c> is passed on.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it may run. Default one minute.</summary>
    public TimeSpan Bound { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Its standard input. Default: empty.</summary>
    public string Input { get; init; } = "";
}

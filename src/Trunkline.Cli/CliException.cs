namespace Trunkline.Cli;

/// <summary>An expected failure of a command: what happened, how to mend it, and what the process ends with.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="code">Stable code, as in the error catalogue.</param>
/// <param name="message">What happened and where.</param>
/// <param name="remedy">What to do.</param>
internal sealed class CliException(int exitCode, string code, string message, string remedy) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Code { get; } = code;

    public string Remedy { get; } = remedy;

    public static CliException Usage(string message, string remedy) => new(Cli.ExitCode.Usage, "cli.usage", message, remedy);
}

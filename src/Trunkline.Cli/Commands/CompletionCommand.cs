using System.CommandLine;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline completion</c>: a script for the user's shell; the suggestions come from the command tree itself.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _trunkline() {
          local IFS=$'\n'
          COMPREPLY=($(trunkline "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null))
        }
        complete -o default -F _trunkline trunkline

        """;

    private const string Zsh = """
        #compdef trunkline
        _trunkline() {
          local -a suggestions
          suggestions=("${(@f)$(trunkline "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          compadd -a suggestions
        }
        compdef _trunkline trunkline

        """;

    private const string Fish = """
        complete -c trunkline -f -a '(trunkline "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script, such as: source <(trunkline completion bash)") { shell };
        command.SetAction(parsed =>
        {
            SharedOptions.Output(parsed).Verbatim(parsed.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return ExitCode.Done;
        });
        return command;
    }
}

using System.CommandLine;
using Trunkline.Cli.Commands.Dead;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline dead [FLOW]</c> and its subcommands.</summary>
internal static class DeadCommand
{
    public static Command Create()
    {
        var command = DeadListCommand.SetUp(new Command("dead", "List dead letters with their causes; redrive, drop, export them."));
        command.Add(DeadListCommand.SetUp(new Command("list", "List dead letters, or group them by cause.")));
        command.Add(DeadShowCommand.Create());
        command.Add(DeadRedriveCommand.Create());
        command.Add(DeadRedrivesCommand.Create());
        command.Add(DeadDropCommands.CreateDrop());
        command.Add(DeadDropCommands.CreateExpire());
        command.Add(DeadExportCommand.Create());
        return command;
    }
}

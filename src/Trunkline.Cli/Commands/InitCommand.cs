using System.CommandLine;
using Trunkline.Cli.Terminal;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline init [FOLDER]</c></summary>
internal static class InitCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "Where to; made if it is not there.", DefaultValueFactory = _ => "." };

    public static Command Create()
    {
        var command = new Command("init", "Write a small commented project that works at once.") { Folder, SharedOptions.Json };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(Folder)!;
            var files = new[] { ("trunkline.yaml", StarterProject.Project), (".gitignore", StarterProject.GitIgnore) };
            if (File.Exists(Path.Combine(folder, "trunkline.yaml")))
            {
                throw new CliException(ExitCode.Failed, "cli.exists", $"{Path.Combine(folder, "trunkline.yaml")} is there already; nothing was written.", "Name another folder.");
            }

            Directory.CreateDirectory(folder);
            var created = files.Select(file => (Path: Path.Combine(folder, file.Item1), Text: file.Item2)).Where(file => !File.Exists(file.Path)).ToArray();
            foreach (var (path, text) in created)
            {
                // CreateNew: a file that appears in between is not overwritten.
                using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            }

            var document = new CreatedDocument([.. created.Select(file => file.Path)]);
            SharedOptions.Output(parsed).Result(document, CliJson.Default.CreatedDocument, output => WriteNext(output, folder, document));
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteNext(Output text, string folder, CreatedDocument document)
    {
        foreach (var path in document.Created)
        {
            text.Line($"wrote {path}");
        }

        text.Line("Next:");
        if (folder != ".")
        {
            text.Line($"  cd {folder}");
        }

        text.Line("  trunkline run");
        text.Line("and in a second terminal:");
        text.Line("  trunkline publish notes.received '{\"text\":\"The update broke everything. Terrible!\"}'");
        text.Line("  trunkline read notes.unhappy");
    }
}

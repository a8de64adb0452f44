using Trunkline.Client.Api;

namespace Trunkline.Cli.Terminal;

/// <summary>A fault as text: <c>file:line: message</c>, and below it the remedy. Editors and CI turn the first line into a link.</summary>
internal static class FaultText
{
    public static void Write(Action<string> line, FaultView fault)
    {
        var where = fault.Line > 0 ? $"{fault.File}:{fault.Line}" : fault.File;
        line($"{where}: {fault.Message} [{fault.Code}]");
        if (fault.Remedy.Length > 0)
        {
            line($"    {fault.Remedy}");
        }
    }
}

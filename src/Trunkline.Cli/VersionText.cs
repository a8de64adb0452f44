using System.Reflection;

namespace Trunkline.Cli;

/// <summary>This program's version, without the commit a build may append.</summary>
internal static class VersionText
{
    public static string Current { get; } =
        typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}

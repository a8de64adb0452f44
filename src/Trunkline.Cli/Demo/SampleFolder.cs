namespace Trunkline.Cli.Demo;

/// <summary>The sample project samples/mail, which is published beside the program.</summary>
internal static class SampleFolder
{
    /// <summary>Its path.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "samples", "mail");
}

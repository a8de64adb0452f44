namespace Trunkline.Cli.Demo;

/// <summary>How a demo is run.</summary>
/// <param name="Data">Folder to keep and to go on in; null for a temporary one.</param>
/// <param name="Keep">Leave the node running at the end, until Ctrl-C.</param>
/// <param name="Corpus"><c>spamassassin</c> or <c>bundled</c>; null to choose.</param>
internal sealed record DemoOptions(string? Data, bool Keep, string? Corpus);

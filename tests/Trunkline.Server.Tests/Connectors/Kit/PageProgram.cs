using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Trunkline.Server.Tests.Connectors.Kit;

/// <summary>The files shown on a page of docs/how-to, and what they compile to. Fences say the name: <c>```csharp file=Program.cs</c>.</summary>
internal sealed partial class PageProgram
{
    // What the SDK's implicit usings are.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private PageProgram(IReadOnlyDictionary<string, string> files) => Files = files;

    /// <summary>Contents by name.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    public static PageProgram Of(string page) => new(
        Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "how-to", page)))
            .ToDictionary(fence => fence.Groups["name"].Value, fence => fence.Groups["text"].Value));

    /// <summary>Compiles some of the files; faults of theirs fail the test.</summary>
    /// <param name="output">Path of the assembly.</param>
    /// <param name="isProgram">Whether it has an entry point.</param>
    /// <param name="more">Further text.</param>
    /// <param name="files">Names of the files.</param>
    public void Compile(string output, bool isProgram, string more, params string[] files)
    {
        var options = new CSharpCompilationOptions(isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(output),
            files.Select(name => Files[name]).Append(Usings).Append(more).Select(text => CSharpSyntaxTree.ParseText(text)),
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            options);
        var emitted = compilation.Emit(output);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning)));
        Assert.Empty(emitted.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning));
    }

    [GeneratedRegex("^```[a-z]+ file=(?<name>[A-Za-z.]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}

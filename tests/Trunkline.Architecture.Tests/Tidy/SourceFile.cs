using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Trunkline.Architecture.Tests.Tidy;

/// <summary>A C# file of the repository and its syntax.</summary>
internal sealed class SourceFile
{
    private SourceFile(string path)
    {
        Path = Repository.Relative(path);
        Text = File.ReadAllText(path);
        Root = CSharpSyntaxTree.ParseText(Text, new CSharpParseOptions(LanguageVersion.Preview), path).GetRoot();
    }

    public static IReadOnlyList<SourceFile> Product { get; } = Load("src");

    public static IReadOnlyList<SourceFile> Tests { get; } = Load("tests");

    public static IReadOnlyList<SourceFile> Benches { get; } = Load("bench");

    public static IEnumerable<SourceFile> All => Product.Concat(Tests).Concat(Benches);

    public string Path { get; }

    public string Text { get; }

    public SyntaxNode Root { get; }

    public string Project => Path.Split('/')[1];

    public int Lines => Text.AsSpan().Count('\n');

    public string Where(SyntaxNode node) => $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    public IEnumerable<T> Nodes<T>()
        where T : SyntaxNode => Root.DescendantNodes().OfType<T>();

    private static List<SourceFile> Load(string folder) => [.. Repository.SourceFiles(folder).Select(path => new SourceFile(path))];
}

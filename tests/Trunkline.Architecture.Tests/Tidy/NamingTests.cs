using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Trunkline.Architecture.Tests.Tidy;

/// <summary>Names say what a thing is; folders say which subsystem.</summary>
public sealed class NamingTests
{
    private static readonly string[] BannedEndings = ["Manager", "Helper", "Helpers", "Impl", "Base", "Utils", "Util", "Utilities", "Common"];
    private static readonly string[] BannedFolders = ["Services", "Helpers", "Interfaces", "Utils", "Utilities", "Common", "Managers", "Misc", "Shared"];

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.All)
        {
            foreach (var type in file.Nodes<BaseTypeDeclarationSyntax>())
            {
                var name = type.Identifier.Text;
                if (BannedEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)))
                {
                    findings.Add(file.Where(type), $"'{name}': name it after what it does");
                }
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void No_folder_has_a_name_that_says_nothing()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.All)
        {
            foreach (var folder in file.Path.Split('/').SkipLast(1).Where(BannedFolders.Contains))
            {
                findings.Add(file.Path, $"folder '{folder}' names a kind, not a subsystem");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.All)
        {
            var expected = string.Join('.', file.Path.Split('/').Skip(1).SkipLast(1));
            foreach (var declared in file.Nodes<BaseNamespaceDeclarationSyntax>().Where(declared => declared.Name.ToString() != expected))
            {
                findings.Add(file.Where(declared), $"namespace {declared.Name}, but the folder says {expected}");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Test_names_are_sentences()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Tests)
        {
            var tests = file.Nodes<MethodDeclarationSyntax>()
                .Where(method => method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory"));
            foreach (var test in tests.Where(test => !test.Identifier.Text.Contains('_')))
            {
                findings.Add(file.Where(test), $"'{test.Identifier.Text}' is not a sentence with underscores");
            }
        }

        findings.AssertNone();
    }
}

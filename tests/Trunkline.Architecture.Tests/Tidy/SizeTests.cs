using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Trunkline.Architecture.Tests.Tidy;

/// <summary>Caps that keep a file and a method readable in one go.</summary>
public sealed class SizeTests
{
    private const int FileLinesMax = 400;
    private const int MethodLinesMax = 70;
    private const int ConstructorParametersMax = 5;

    [Fact]
    public void No_file_is_longer_than_the_cap()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.All.Where(file => file.Lines > FileLinesMax))
        {
            findings.Add(file.Path, $"{file.Lines} lines, cap {FileLinesMax}: split it along what it does");
        }

        findings.AssertNone();
    }

    [Fact]
    public void No_method_is_longer_than_the_cap()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.All)
        {
            foreach (var method in file.Nodes<BaseMethodDeclarationSyntax>())
            {
                Measure(method, method.Body);
            }

            foreach (var function in file.Nodes<LocalFunctionStatementSyntax>())
            {
                Measure(function, function.Body);
            }

            void Measure(SyntaxNode node, BlockSyntax? body)
            {
                var span = body?.GetLocation().GetLineSpan();
                var lines = span is null ? 0 : span.Value.EndLinePosition.Line - span.Value.StartLinePosition.Line - 1;
                if (lines > MethodLinesMax)
                {
                    findings.Add(file.Where(node), $"a method of {lines} lines, cap {MethodLinesMax}");
                }
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Constructors_take_few_parameters()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Product)
        {
            var constructors = file.Nodes<ConstructorDeclarationSyntax>()
                .Where(constructor => constructor.Parent is not RecordDeclarationSyntax)
                .Select(constructor => (Node: (SyntaxNode)constructor, constructor.ParameterList));
            var primaries = file.Nodes<ClassDeclarationSyntax>().Where(type => type.ParameterList is not null)
                .Select(type => (Node: (SyntaxNode)type, ParameterList: type.ParameterList!));
            foreach (var (node, parameters) in constructors.Concat(primaries))
            {
                if (parameters.Parameters.Count > ConstructorParametersMax)
                {
                    findings.Add(file.Where(node), $"{parameters.Parameters.Count} constructor parameters, cap {ConstructorParametersMax}: make a record of them");
                }
            }
        }

        findings.AssertNone();
    }
}

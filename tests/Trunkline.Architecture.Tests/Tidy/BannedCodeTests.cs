using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Trunkline.Architecture.Tests.Tidy;

/// <summary>Calls and habits that make code untestable or hide failures, each with what to use instead.</summary>
public sealed class BannedCodeTests
{
    private static readonly Dictionary<string, string> Banned = new(StringComparer.Ordinal)
    {
        ["DateTime.UtcNow"] = "take the time from a TimeProvider",
        ["DateTime.Now"] = "take the time from a TimeProvider",
        ["DateTimeOffset.UtcNow"] = "take the time from a TimeProvider",
        ["DateTimeOffset.Now"] = "take the time from a TimeProvider",
        ["Thread.Sleep"] = "wait for a condition, or Task.Delay with a TimeProvider",
        ["GC.Collect"] = "let the runtime decide",
    };

    /// <summary>A node in a user's own host prints its ready line without the command line.</summary>
    private const string HostTerminal = "src/Trunkline.Server/Hosting/Terminal.cs";

    [Fact]
    public void Time_comes_from_a_TimeProvider()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Product.Concat(SourceFile.Tests))
        {
            foreach (var access in file.Nodes<MemberAccessExpressionSyntax>())
            {
                if (Banned.TryGetValue(access.ToString(), out var instead))
                {
                    findings.Add(file.Where(access), $"{access}: {instead}");
                }
            }

            foreach (var call in file.Nodes<InvocationExpressionSyntax>().Where(IsDelayByTheRealClock))
            {
                findings.Add(file.Where(call), $"{call}: pass a TimeProvider, or wait for a condition");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Only_the_command_line_and_a_hosts_terminal_talk_to_the_console()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Product.Where(file => file.Project != "Trunkline.Cli" && file.Path != HostTerminal))
        {
            foreach (var access in file.Nodes<MemberAccessExpressionSyntax>().Where(access => access.Expression.ToString() is "Console" or "System.Console"))
            {
                findings.Add(file.Where(access), $"{access}: log it, or return it");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Nothing_is_left_to_do_later()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "XX" + "X:", "NotImplemented" + "Exception", "#reg" + "ion"];
        var findings = new Findings();
        foreach (var file in SourceFile.All)
        {
            foreach (var (line, number) in file.Text.Split('\n').Select((line, index) => (line, index + 1)))
            {
                foreach (var mark in marks.Where(mark => line.Contains(mark, StringComparison.Ordinal)))
                {
                    findings.Add($"{file.Path}:{number}", mark);
                }
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void No_test_is_skipped_by_default()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Tests)
        {
            var skipping = file.Nodes<AttributeArgumentSyntax>().Where(argument => argument.NameEquals?.Name.Identifier.Text is "Skip" or "Explicit");
            foreach (var argument in skipping)
            {
                findings.Add(file.Where(argument), $"{argument}: skip at run time, with the reason, only where something is not installed");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void No_failure_is_swallowed_without_a_reason()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Product)
        {
            foreach (var clause in file.Nodes<CatchClauseSyntax>().Where(clause => clause.Block.Statements.Count == 0 && !HasComment(clause.Block)))
            {
                findings.Add(file.Where(clause), "an empty catch: handle it, or say in a comment why nothing is to be done");
            }
        }

        findings.AssertNone();
    }

    [Fact]
    public void Nothing_asynchronous_is_void_or_waited_for_by_blocking()
    {
        var findings = new Findings();
        foreach (var file in SourceFile.Product)
        {
            foreach (var method in file.Nodes<MethodDeclarationSyntax>()
                .Where(method => method.Modifiers.Any(SyntaxKind.AsyncKeyword) && method.ReturnType.ToString() == "void"))
            {
                findings.Add(file.Where(method), "async void: return a Task");
            }

            foreach (var access in file.Nodes<MemberAccessExpressionSyntax>().Where(access => access.Name.Identifier.Text == "GetAwaiter"))
            {
                findings.Add(file.Where(access), "GetAwaiter: await it");
            }
        }

        findings.AssertNone();
    }

    /// <summary>Syntax has no types: a delay is taken to use a TimeProvider when an argument after the first is called so, or waits for ever.</summary>
    private static bool IsDelayByTheRealClock(InvocationExpressionSyntax call)
    {
        if (call.Expression.ToString() is not ("Task.Delay" or "System.Threading.Tasks.Task.Delay"))
        {
            return false;
        }

        var arguments = call.ArgumentList.Arguments;
        var forEver = arguments[0].ToString() is "-1" or "Timeout.Infinite" or "Timeout.InfiniteTimeSpan";
        return !forEver && !arguments.Skip(1).Any(argument =>
            argument.ToString().Contains("time", StringComparison.OrdinalIgnoreCase) || argument.ToString().Contains("clock", StringComparison.OrdinalIgnoreCase));
    }

    private static bool HasComment(BlockSyntax block) =>
        block.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia));
}

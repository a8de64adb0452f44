using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Trunkline.Server.Tests.Flows;

namespace Trunkline.Server.Tests.Connectors.Kit;

/// <summary>docs/how-to/write-a-connector.md, word for word.</summary>
public sealed class ConnectorPageTests : IDisposable
{
    private static readonly string[] Connectors = ["FeedSource.cs", "NotesSink.cs"];

    private readonly PageProgram _page = PageProgram.Of("write-a-connector.md");
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-page-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("FeedSource.cs")]
    [InlineData("NotesSink.cs")]
    [InlineData("Program.cs")]
    [InlineData("trunkline.yaml")]
    public void The_sample_is_what_the_page_shows(string file)
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "csharp-connector", file));
        Assert.Equal(sample, _page.Files[file]);
        Assert.InRange(sample.Split('\n').Length, 1, 60);
    }

    [Theory]
    [InlineData("FeedSourceTests")]
    [InlineData("NotesSinkTests")]
    public async Task The_tests_of_the_page_pass(string name)
    {
        var path = Path.Combine(_folder, $"Page.{name}.dll");
        _page.Compile(path, isProgram: false, "global using Trunkline.Server.Tests.Connectors.Kit;", [.. Connectors, "ConnectorTests.cs"]);
        var tests = new AssemblyLoadContext(name).LoadFromAssemblyPath(path).GetType(name, throwOnError: true)!;
        var cases = tests.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).ToArray();
        Assert.Equal(6, cases.Length);
        foreach (var one in cases)
        {
            await using var suite = (IAsyncDisposable)Activator.CreateInstance(tests)!;
            await (Task)one.Invoke(suite, null)!;
        }
    }

    [Fact]
    public async Task The_program_of_the_page_carries_a_feed_to_the_notes()
    {
        var server = new FeedServer();
        await server.AddAsync([.. Enumerable.Range(0, 100).Select(i => $"item {i}"), ""]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "trunkline.yaml"), _page.Files["trunkline.yaml"], Cancel);
        using var node = Start(server.Url);
        try
        {
            var line = await node.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(2), Cancel);
            if (line is null)
            {
                Assert.Fail(await EndAsync(node));
            }

            Assert.Equal("ready", JsonDocument.Parse(line).RootElement.GetProperty("event").GetString());
            await Eventually.HoldsAsync(() => server.Notes().Count == 100, "all notes are kept", 60);
            using var kill = Process.Start("kill", ["-TERM", $"{node.Id}"]);
            await node.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
            Assert.Equal(0, node.ExitCode);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> EndAsync(Process node)
    {
        var error = await node.StandardError.ReadToEndAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        await node.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        return error;
    }

    /// <summary>A process of its own, with the packages of these tests around the program.</summary>
    private Process Start(Uri server)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        foreach (var file in Directory.EnumerateFileSystemEntries(AppContext.BaseDirectory))
        {
            File.CreateSymbolicLink(Path.Combine(bin, Path.GetFileName(file)), file);
        }

        var program = Path.Combine(bin, "Page.Program.dll");
        _page.Compile(program, isProgram: true, "", [.. Connectors, "Program.cs"]);
        var tests = Path.Combine(bin, typeof(ConnectorPageTests).Assembly.GetName().Name!);
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["FEED_URL"] = server.ToString() },
        };
        foreach (var argument in new[]
                 {
                     "exec", "--depsfile", tests + ".deps.json", "--runtimeconfig", tests + ".runtimeconfig.json", program,
                     "-f", "trunkline.yaml", "--listen", "http://127.0.0.1:0", "--data", Path.Combine(_folder, "data"), "--json",
                 })
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}

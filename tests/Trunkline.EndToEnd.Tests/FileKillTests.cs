using System.Globalization;
using System.Text.Json;
using Trunkline.Testing.Processes;

namespace Trunkline.EndToEnd.Tests;

/// <summary>Real SIGKILL while lines of growing and rotated files go through topics into other files: each is there once, whole and in order.</summary>
public sealed class FileKillTests : IDisposable
{
    private const int Files = 4;
    private const int LinesEach = 1500;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public async Task Lines_of_files_come_out_in_files_once_and_in_order_through_kills_and_rotations()
    {
        Directory.CreateDirectory(_folder.In("logs"));
        _folder.Write("trunkline.yaml", """
            topics: { lines: { partitions: 4 } }
            flows:
              take: { from: { file: { path: "logs/*.log*", format: json } }, to: { topic: lines } }
              give:
                from: { topic: lines }
                to:
                  - file: { path: out/all.jsonl, rotate: { size: 20KiB } }
                  - file: { folder: out/each, name: "{{ message.file }}-{{ message.n }}.json" }
            """);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = WriteAsync(stop.Token);
        foreach (var life in new[] { 150, 400, 50, 700, 0 })
        {
            await using var node = await StartAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(life), TimeProvider.System, Cancel);
            await node.KillAsync(Cancel);
        }

        await using (var last = await StartAsync())
        {
            await writing;
            var began = TimeProvider.System.GetTimestamp();
            while (Lines().Count < Files * LinesEach || Each().Count() < Files * LinesEach)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Bound, $"{Lines().Count} lines and {Each().Count()} files of {Files * LinesEach}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
            }

            Assert.Equal(0, (await last.StopAsync(Cancel)).ExitCode);
        }

        // Order is kept within each file that was written; one that was begun and put aside while no node ran is known by its new name only.
        var lines = Lines();
        var written = from file in Enumerable.Range(0, Files) from number in Enumerable.Range(0, LinesEach) select (File: file, Number: number);
        foreach (var log in written.GroupBy(line => (line.File, MovesBefore(line.File, line.Number))))
        {
            Assert.Equal(log, lines.Where(line => (line.File, MovesBefore(line.File, line.Number)) == log.Key));
        }

        Assert.Equal(lines.Order(), Each().Select(path => Read(File.ReadAllText(path))).Order());
    }

    /// <summary>Four programs that log, each of which puts its file aside now and then.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < LinesEach; number++)
        {
            for (var file = 0; file < Files; file++)
            {
                var path = _folder.In($"logs/app{file}.log");
                if (number > 0 && MovesBefore(file, number) > MovesBefore(file, number - 1))
                {
                    MoveAside(path, number);
                }

                // In two writes: a line is often half there.
                var line = $$"""{"file":{{file}},"n":{{number}}}""" + "\n";
                await File.AppendAllTextAsync(path, line[..9], cancellationToken);
                await File.AppendAllTextAsync(path, line[9..], cancellationToken);
            }

            if (number % 2 == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>How often a file was put aside before a line was written: every 400 lines, each file at another one.</summary>
    private static int MovesBefore(int file, int number) => (number + (100 * file)) / 400;

    private static void MoveAside(string path, int number)
    {
        if (File.Exists(path))
        {
            File.Move(path, path + "." + number.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What is in the files of lines, the oldest first: those put aside, then the one at work.</summary>
    private List<(int File, int Number)> Lines()
    {
        if (!Directory.Exists(_folder.In("out")))
        {
            return [];
        }

        var aside = Directory.EnumerateFiles(_folder.In("out"), "all.*.jsonl").Order(NaturalOrder.Instance);
        return [.. aside.Append(_folder.In("out/all.jsonl")).Where(File.Exists).SelectMany(File.ReadAllLines).Select(Read)];
    }

    private IEnumerable<string> Each() => Directory.Exists(_folder.In("out/each")) ? Directory.EnumerateFiles(_folder.In("out/each"), "*.json") : [];

    private static (int File, int Number) Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        return (json.RootElement.GetProperty("file").GetInt32(), json.RootElement.GetProperty("n").GetInt32());
    }

    private Task<NodeProcess> StartAsync() => NodeProcess.StartAsync(new CommandSetting { Folder = _folder.Path }, Cancel);

    /// <summary>Several put aside in one second are numbered from 2 on: <c>….20260131T120000Z.jsonl</c>, <c>…-2.jsonl</c>, <c>…-10.jsonl</c>.</summary>
    private sealed class NaturalOrder : IComparer<string>
    {
        public static NaturalOrder Instance { get; } = new();

        public int Compare(string? x, string? y) => KeyOf(x!).CompareTo(KeyOf(y!));

        private static (string Time, int Number) KeyOf(string path)
        {
            var parts = Path.GetFileName(path).Split('.')[1].Split('-');
            return (parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1);
        }
    }
}

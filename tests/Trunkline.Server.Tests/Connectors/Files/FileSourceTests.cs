using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Connectors.Files;

/// <summary>What happens to files that are followed: rotated, emptied, written anew, removed.</summary>
public sealed class FileSourceTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<SourceMessage> _read = [];
    private readonly List<string> _forgotten = [];
    private FileSourceConfig _source;
    private IAsyncEnumerator<SourceMessage>? _reading;
    private Task<bool>? _next;
    private CancellationTokenSource _stop = new();

    public FileSourceTests() => _source = new FileSourceConfig(_folder.In("*.log"), default);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_line_comes_once_its_end_is_written()
    {
        Append("a.log", "one\ntw");
        await ReadAsync(1);
        Append("a.log", "o\r\n\nthree\n");
        await ReadAsync(3);
        Assert.Equal(["one", "two", "three"], Texts());
        Assert.Equal(["0", "4", "10"], _read.Select(line => line.Message.Headers.Text("fileoffset")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rotated_file_is_read_to_its_end_and_the_new_one_from_its_beginning(bool isRead)
    {
        Append("a.log", "1\n2\n");
        if (isRead)
        {
            await ReadAsync(2);
        }
        else
        {
            await ReadAsync(1);
            await CloseAsync();
        }

        Append("a.log", "3\n4");
        File.Move(_folder.In("a.log"), _folder.In("a.log.1"));
        Append("a.log", "5\n");
        Append("a.log.1", " end");
        await ReadAsync(5);
        Assert.Equal(["1", "2", "3", "4 end", "5"], Texts().Order());
    }

    [Fact]
    public async Task A_new_name_that_matches_too_brings_nothing_twice()
    {
        _source = _source with { Pattern = _folder.In("a.log*") };
        Append("a.log", "1\n");
        await ReadAsync(1);
        await CloseAsync();
        File.Move(_folder.In("a.log"), _folder.In("a.log.1"));
        Append("a.log", "2\n");
        await ReadAsync(2);
        Append("a.log.1", "3\n");
        await ReadAsync(3);
        Assert.Equal(["1", "2", "3"], Texts());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_emptied_and_written_anew_is_read_from_its_beginning(bool whileReading)
    {
        Append("a.log", "first line\nsecond line\n");
        await ReadAsync(2);
        if (!whileReading)
        {
            await CloseAsync();
        }

        // Longer than it was: only its first bytes tell.
        await using (var file = new FileStream(_folder.In("a.log"), FileMode.Truncate))
        {
            await file.WriteAsync("other line\nsecond line\nthird line\n"u8.ToArray(), Cancel);
        }

        await ReadAsync(5);
        Assert.Equal(["first line", "second line", "other line", "second line", "third line"], Texts());
        Assert.Equal(5, _read.Select(line => line.Message.Id).Distinct().Count());
        Assert.Equal(5, _read.Select(line => line.Position).Distinct().Count());
        _read[2].Committed!();
        Assert.Equal([_read[0].Part], _forgotten);
    }

    [Fact]
    public async Task A_file_that_rested_and_is_shorter_now_is_read_from_its_beginning()
    {
        Append("a.log", "first line\n");
        await ReadAsync(1);
        Append("b.log", "1\n");
        await ReadAsync(2);
        _time.Advance(TimeSpan.FromMinutes(2));
        Append("b.log", "2\n");
        await ReadAsync(3);
        await File.WriteAllTextAsync(_folder.In("a.log"), "x\n", Cancel);
        await ReadAsync(4);
        Assert.Equal("x", Texts()[3]);
    }

    [Fact]
    public async Task A_removed_file_is_read_to_its_end_and_forgotten_a_day_later()
    {
        Append("a.log", "1\n2\nlast");
        await ReadAsync(2);
        File.Delete(_folder.In("a.log"));
        await ReadAsync(3);
        Assert.Equal(["1", "2", "last"], Texts());
        Append("b.log", "b\n");
        await ReadAsync(4);
        Assert.Empty(_forgotten);
        _time.Advance(FollowedFiles.ForgetAfter);
        Append("b.log", "c\n");
        await ReadAsync(5);
        await Eventually(() => _forgotten.Count > 0);
        Assert.Equal([_read[0].Part], _forgotten);
    }

    [Fact]
    public async Task A_line_that_is_too_long_comes_in_pieces_that_cut_no_character()
    {
        _source = _source with { LineBytesMax = 1024 };
        var line = "x" + string.Concat(Enumerable.Repeat("€", 1000));
        Append("a.log", line + "\nshort\n" + new string('y', 1024) + "\n");
        await ReadAsync(5);
        Assert.Equal(line, string.Concat(Texts().Take(3)));
        Assert.All(_read, message => Assert.InRange(message.Message.Payload.Length, 1, 1024));
        Assert.Equal(["true", "true", null, null, null], _read.Select(message => message.Message.Headers.Text("filemore")));
    }

    [Theory]
    [InlineData(FileEncoding.Utf16Le, "utf-16")]
    [InlineData(FileEncoding.Utf16Be, "utf-16BE")]
    [InlineData(FileEncoding.Latin1, "latin1")]
    [InlineData(FileEncoding.Utf8, "utf-8")]
    public async Task Other_encodings_become_utf_8(FileEncoding encoding, string name)
    {
        _source = _source with { Encoding = encoding };
        var from = Encoding.GetEncoding(name);
        await File.WriteAllBytesAsync(_folder.In("a.log"), [.. from.GetPreamble(), .. from.GetBytes("Größe Ċ\r\nzweite\n".Replace("Ċ", encoding == FileEncoding.Latin1 ? "" : "Ċ", StringComparison.Ordinal))], Cancel);
        await ReadAsync(2);
        Assert.Equal(encoding == FileEncoding.Latin1 ? "Größe " : "Größe Ċ", Texts()[0]);
        Assert.Equal("zweite", Texts()[1]);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf_8_come_as_they_are()
    {
        await File.WriteAllBytesAsync(_folder.In("a.log"), [0xFF, 0xC3, (byte)'\n'], Cancel);
        await ReadAsync(1);
        Assert.Equal([0xFF, 0xC3], _read[0].Message.Payload.ToArray());
    }

    [Fact]
    public async Task Links_devices_hidden_files_and_what_does_not_match_are_left_alone()
    {
        File.CreateSymbolicLink(_folder.In("link.log"), "/etc/hostname");
        Append(".hidden.log", "hidden\n");
        Append("a.txt", "other\n");
        using var fifo = System.Diagnostics.Process.Start("mkfifo", [_folder.In("pipe.log")]);
        await fifo.WaitForExitAsync(Cancel);
        Append("z.log", "mine\n");
        await ReadAsync(1);
        Append("z.log", "more\n");
        await ReadAsync(2);
        Assert.Equal(["mine", "more"], Texts());
    }

    [Fact]
    public async Task Folders_below_are_followed_where_the_pattern_says_so()
    {
        _source = _source with { Pattern = _folder.In("**/*.log") };
        Append("top.log", "1\n");
        Append("x/y/deep.log", "2\n");
        await ReadAsync(2);
        Append("new/app.log", "3\n");
        await ReadAsync(3);
        Assert.Equal(["new/app.log", "top.log", "x/y/deep.log"], _read.Select(line => line.Message.Headers.Text("filename")).Order());
    }

    [Fact]
    public async Task One_file_that_cannot_be_read_is_told_after_the_others_were()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Skip("whoever runs this may read every file");
        }

        Append("a.log", "secret\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.In("a.log"), UnixFileMode.None);
        }

        Append("b.log", "1\n");
        await ReadAsync(1);
        var told = await Assert.ThrowsAsync<ConnectorException>(() => ReadAsync(2));
        Assert.Contains("a.log", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told()
    {
        _source = _source with { Pattern = _folder.In("none/*.log") };
        await Assert.ThrowsAsync<ConnectorException>(() => ReadAsync(1));
    }

    private void Append(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(name))!);
        File.AppendAllText(_folder.In(name), text);
    }

    private List<string> Texts() => [.. _read.Select(line => Encoding.UTF8.GetString(line.Message.Payload.Span))];

    /// <summary>Reads on, from where it was, until there are so many lines; time passes meanwhile.</summary>
    private async Task ReadAsync(int lines)
    {
        if (_reading is null)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            _reading = new FileSource(_source).ReadAsync(Start(), _stop.Token).GetAsyncEnumerator(_stop.Token);
        }

        while (_read.Count < lines)
        {
            _next ??= _reading.MoveNextAsync().AsTask();
            await Eventually(() => _next.IsCompleted);
            Assert.True(await _next);
            _next = null;
            _read.Add(_reading.Current);
        }
    }

    private Task Eventually(Func<bool> condition) => Flows.Eventually.HoldsAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
            _next ??= _reading!.MoveNextAsync().AsTask();
            return condition();
        },
        "the next line");

    private async Task CloseAsync()
    {
        if (_reading is { } reading)
        {
            await _stop.CancelAsync();
            await ((Task)(_next ?? Task.FromResult(true))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await reading.DisposeAsync();
            _stop.Dispose();
        }

        (_reading, _next) = (null, null);
    }

    private SourceStart Start() => new("f", null, _time)
    {
        Parts = _read.GroupBy(line => line.Part).ToDictionary(part => part.Key, part => part.Last().Position),
        Forget = _forgotten.Add,
    };
}

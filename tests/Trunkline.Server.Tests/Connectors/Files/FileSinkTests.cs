using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Messaging;
using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Connectors.Files;

public sealed class FileSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private FileTargets _files;

    public FileSinkTests() => _files = new FileTargets(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Lines => _folder.In("out.jsonl");

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("{\r\n  \"a\": \"x\\ny\"\n}", "{    \"a\": \"x\\ny\" }")]
    [InlineData("two\nlines \"quoted\"", "\"two\\nlines \\\"quoted\\\"\"")]
    [InlineData("{\"a\":1}{\"b\":2}", "\"{\\\"a\\\":1}{\\\"b\\\":2}\"")]
    [InlineData("", "\"\"")]
    public async Task A_body_is_one_line_of_json(string body, string line)
    {
        await SendAsync(Sink(), "1", body);
        Assert.Equal(line + "\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    [Fact]
    public async Task A_body_of_bytes_is_refused_by_a_file_of_lines()
    {
        var sink = new FileSink("f", Sink(), _files.Of(Sink()));
        var answer = await sink.SendAsync(new SinkMessage(new Message { Payload = new byte[] { 0xFF, 0xFE } }, "1", 1), Cancel);
        Assert.Equal("sink.body-invalid", Assert.IsType<SinkAnswer.Refused>(answer).Code);
    }

    [Fact]
    public async Task What_a_message_says_cannot_begin_a_line_of_its_own()
    {
        await SendAsync(Sink() with { Text = "{{ meta.id }} said {{ message.text }}" }, "1", """{"text":"hi\n2 said bye\u2028\u001b[2J"}""");
        Assert.Equal("1 said hi\\n2 said bye\\u2028\\u001b[2J\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public async Task A_line_a_crash_cut_off_is_written_once_and_whole(int bytesLeft)
    {
        await SendAsync(Sink(), "1", """{"n":1}""");
        await SendAsync(Sink(), "2", """{"n":22}""");
        Crash();
        await using (var file = new FileStream(Lines, FileMode.Open))
        {
            file.SetLength(8 + bytesLeft);
        }

        // What was sent and may not be committed comes again.
        await SendAsync(Sink(), "1", """{"n":1}""");
        await SendAsync(Sink(), "2", """{"n":22}""");
        await SendAsync(Sink(), "3", """{"n":3}""");
        Assert.Equal(["""{"n":1}""", """{"n":22}""", """{"n":3}"""], await File.ReadAllLinesAsync(Lines, Cancel));
    }

    [Fact]
    public async Task A_line_whose_bytes_never_reached_the_disk_is_written_again()
    {
        await SendAsync(Sink(), "1", """{"n":1}""");
        Crash();

        // As after a power cut: the length is there, the bytes are not.
        await File.WriteAllBytesAsync(Lines, new byte[8], Cancel);
        await SendAsync(Sink(), "1", """{"n":1}""");
        Assert.Equal("{\"n\":1}\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    [Fact]
    public async Task A_journal_cut_off_in_an_entry_is_gone_on_with_and_a_damaged_one_is_refused()
    {
        for (var i = 0; i < 300; i++)
        {
            await SendAsync(Sink(), $"{i}", "{}");
        }

        Crash();
        var journal = _folder.In(".out.jsonl.sent");
        await using (var file = new FileStream(journal, FileMode.Open))
        {
            file.SetLength(file.Length - 7);
        }

        await SendAsync(Sink(), "298", "{}");
        Assert.Equal(300, (await File.ReadAllLinesAsync(Lines, Cancel)).Length);
        Crash();
        await using (var file = new FileStream(journal, FileMode.Open))
        {
            file.Position = 24 + 40;
            file.WriteByte(0x55);
        }

        var later = Assert.IsType<SinkAnswer.Later>(await TrySendAsync(Sink(), "999", "{}"));
        Assert.Equal("sink.file-failed", later.Code);
        Assert.Contains("damaged", later.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_cannot_write_to_one_file()
    {
        await SendAsync(Sink(), "1", "{}");
        using var other = new FileTargets(_time);
        var later = Assert.IsType<SinkAnswer.Later>(await new FileSink("f", Sink(), other.Of(Sink())).SendAsync(MessageOf("2", "{}"), Cancel));
        Assert.Contains("another process", later.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sinks_may_write_the_same_message_to_one_file()
    {
        await SendAsync(Sink(), "1", "{}");
        await SendAsync(Sink() with { Name = "other" }, "1", "{}");
        Assert.Equal(2, (await File.ReadAllLinesAsync(Lines, Cancel)).Length);
    }

    [Fact]
    public async Task A_file_is_put_aside_by_size_and_by_age_and_the_oldest_are_removed()
    {
        var sink = Sink() with { Rotate = new RotationConfig(20, TimeSpan.FromHours(1), 2) };
        for (var i = 0; i < 9; i++)
        {
            await SendAsync(sink, $"{i}", $$"""{"n":{{i}}}""");
        }

        // Three lines of eight bytes are more than 20.
        Assert.Equal(["out.20260131T120000Z-2.jsonl", "out.20260131T120000Z.jsonl", "out.jsonl"], Files());
        _time.Advance(TimeSpan.FromHours(1));
        await SendAsync(sink, "9", """{"n":9}""");
        Assert.Equal(["out.20260131T120000Z-2.jsonl", "out.20260131T130000Z.jsonl", "out.jsonl"], Files());
        await SendAsync(sink, "8", """{"n":8}""");
        Assert.Equal(Enumerable.Range(3, 7).Select(n => $$"""{"n":{{n}}}"""), Files().SelectMany(name => File.ReadAllLines(_folder.In(name))));
    }

    [Fact]
    public async Task A_file_that_others_put_aside_or_empty_is_begun_anew()
    {
        await SendAsync(Sink(), "1", """{"n":1}""");
        File.Move(Lines, _folder.In("aside"));
        await SendAsync(Sink(), "2", """{"n":2}""");
        Assert.Equal("{\"n\":2}\n", await File.ReadAllTextAsync(Lines, Cancel));
        await File.WriteAllTextAsync(Lines, "", Cancel);
        await SendAsync(Sink(), "3", """{"n":3}""");
        await SendAsync(Sink(), "1", """{"n":1}""");
        Assert.Equal("{\"n\":3}\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    [Fact]
    public async Task Behind_a_last_line_without_end_a_new_line_is_begun()
    {
        await File.WriteAllTextAsync(Lines, "by hand", Cancel);
        await SendAsync(Sink(), "1", "{}");
        Assert.Equal("by hand\n{}\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    [Theory]
    [InlineData("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd")]
    [InlineData("/abs", "%2Fabs")]
    [InlineData("..", "%2E.")]
    [InlineData("a b%\u0000\\:*", "a%20b%25%00%5C%3A%2A")]
    [InlineData("grün-😀", "grün-%F0%9F%98%80")]
    public async Task A_name_stays_in_its_folder_and_tells_values_apart(string id, string name)
    {
        await SendAsync(InFolder("{{ meta.id }}"), id, "body");
        Assert.Equal([name], Directory.EnumerateFiles(_folder.In("files"), "*", SearchOption.AllDirectories).Where(IsOwn).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_templates_slash_makes_folders_and_a_name_too_long_is_cut_with_a_hash()
    {
        await SendAsync(InFolder("{{ message.day }}/{{ meta.id }}.eml"), new string('x', 300), """{"day":"2026-01-31"}""");
        var file = Assert.Single(Directory.EnumerateFiles(_folder.In("files"), "*", SearchOption.AllDirectories), IsOwn);
        Assert.Equal("2026-01-31", Path.GetFileName(Path.GetDirectoryName(file)));
        Assert.Matches(@"^x{120}~[0-9a-f]{32}\.eml$", Path.GetFileName(file));
    }

    [Fact]
    public async Task A_message_without_a_name_or_with_anothers_is_refused_unless_it_may_replace()
    {
        Assert.Equal("sink.template-failed", Assert.IsType<SinkAnswer.Refused>(await TrySendAsync(InFolder("{{ message.day }}/{{ meta.id }}"), "1", "{}")).Code);
        await SendAsync(InFolder("same"), "2", "two");
        Assert.Equal("sink.name-taken", Assert.IsType<SinkAnswer.Refused>(await TrySendAsync(InFolder("same"), "3", "three")).Code);
        Assert.Equal("sink.name-taken", Assert.IsType<SinkAnswer.Refused>(await TrySendAsync(InFolder("same/below"), "4", "four")).Code);
        await SendAsync(InFolder("same") with { Replaces = true }, "5", "five");
        Assert.Equal("five", await File.ReadAllTextAsync(Path.Combine(_folder.In("files"), "same"), Cancel));
    }

    [Fact]
    public async Task A_file_somebody_took_away_is_not_written_again_after_a_crash_and_one_not_yet_there_is()
    {
        var folder = _folder.In("files");
        await SendAsync(InFolder("{{ meta.id }}"), "taken", "x");
        File.Delete(Path.Combine(folder, "taken"));
        Crash();
        await SendAsync(InFolder("{{ meta.id }}"), "taken", "x");
        Assert.DoesNotContain(Directory.EnumerateFiles(folder), IsOwn);

        // As if it ended between the journal and the name: the part is there.
        await SendAsync(InFolder("{{ meta.id }}"), "half", "x");
        Crash();
        var part = $".trunkline-{SentEntry.IdOf("f/file-1/half").ToString("x32", System.Globalization.CultureInfo.InvariantCulture)}.part";
        File.Move(Path.Combine(folder, "half"), Path.Combine(folder, part));
        await SendAsync(InFolder("{{ meta.id }}"), "half", "x");
        Assert.True(File.Exists(Path.Combine(folder, "half")));
        Assert.False(File.Exists(Path.Combine(folder, part)));
    }

    [Fact]
    public async Task A_full_disk_is_told_and_the_line_comes_whole_once_there_is_room()
    {
        if (!Directory.Exists("/dev/full") && !File.Exists("/dev/full"))
        {
            Assert.Skip("there is no /dev/full here");
        }

        // The sink's file leads to a device that is always full.
        File.CreateSymbolicLink(Lines, "/dev/full");
        var later = Assert.IsType<SinkAnswer.Later>(await TrySendAsync(Sink() with { Syncs = false }, "1", "{}"));
        Assert.Equal("sink.disk-full", later.Code);
        File.Delete(Lines);
        await SendAsync(Sink(), "1", "{}");
        Assert.Equal("{}\n", await File.ReadAllTextAsync(Lines, Cancel));
    }

    private static bool IsOwn(string path) => Path.GetFileName(path)[0] != '.';

    private FileSinkConfig Sink() => new("file-1", Lines, false, default);

    private FileSinkConfig InFolder(string name) => new("file-1", _folder.In("files"), true, default) { FileName = name };

    private string[] Files() => [.. Directory.EnumerateFiles(_folder.Path).Where(IsOwn).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>The process ends: nothing is finished or closed in order, but what was written is there.</summary>
    private void Crash()
    {
        _files.Dispose();
        _files = new FileTargets(_time);
    }

    private async Task SendAsync(FileSinkConfig sink, string id, string body) => Assert.IsType<SinkAnswer.Sent>(await TrySendAsync(sink, id, body));

    private ValueTask<SinkAnswer> TrySendAsync(FileSinkConfig sink, string id, string body) => new FileSink("f", sink, _files.Of(sink)).SendAsync(MessageOf(id, body), Cancel);

    private static SinkMessage MessageOf(string id, string body) => new(new Message { Id = new MessageId(id), Payload = Encoding.UTF8.GetBytes(body) }, id, 1);
}

using System.Text;
using Trunkline.Messaging.Checking;

namespace Trunkline.Messaging.Tests.Checking;

public class JournalTests
{
    private const string Good = """{"n":1,"t":"attempt","id":"m","topic":"in","key":null,"hash":"x","later":true}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_may_stand_in_any_order_and_unknown_ones_are_ignored() =>
        Assert.Equal([new JournalEntry.Attempt("m", "in", null, 1, "x")], await ReadAsync(Good + "\n"));

    [Fact]
    public async Task A_last_line_that_was_cut_off_is_dropped_and_one_that_is_whole_is_kept()
    {
        Assert.Single(await ReadAsync(Good + "\n" + Good[..40]));
        Assert.Equal(2, (await ReadAsync(Good + "\n" + Good)).Count);
        Assert.Empty(await ReadAsync(""));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null1")]
    [InlineData("""{"t":"nothing known"}""")]
    [InlineData("""{"id":"no discriminator"}""")]
    [InlineData("""{"t":"outcome","id":"m","topic":"in"}""")]
    [InlineData("""{"t":"outcome","id":"m","topic":"in","result":7}""")]
    [InlineData("""{"t":"effect","name":null,"id":"m"}""")]
    [InlineData("""{"t":"attempt","id":"m","topic":"in","key":"k","n":"1","hash":"x"}""")]
    public async Task A_line_that_is_no_entry_is_named_by_its_number(string line) =>
        Assert.Equal(2, (await Assert.ThrowsAsync<JournalException>(() => ReadAsync($"{Good}\n{line}\n"))).Line);

    [Fact]
    public async Task A_line_without_end_does_not_fill_the_memory()
    {
        await Assert.ThrowsAsync<JournalException>(() => ReadAsync(new string('x', 10_000_000)));
        await Assert.ThrowsAsync<JournalException>(() => ReadAsync(new string('[', 50_000) + "\n"));
    }

    [Fact]
    public async Task Entries_written_are_read_back_from_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("trunkline-journal-");
        try
        {
            var path = Path.Combine(folder.FullName, "journal.ndjson");
            var entries = SoundJournal.Create();
            for (var half = 0; half < 2; half++)
            {
                using var writer = new JournalWriter(path);
                writer.Write(sync: true, entries.Skip(half * entries.Count / 2).Take(half == 0 ? entries.Count / 2 : entries.Count));
            }

            await using var file = File.OpenRead(path);
            Assert.Equal(entries, await Journal.ReadAsync(file, Stop).ToListAsync(Stop));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<JournalEntry>> ReadAsync(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Journal.ReadAsync(stream, Stop).ToListAsync(Stop);
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Connectors.Mail;

namespace Trunkline.Server.Tests.Connectors.Mail;

/// <summary>What is kept of mails that are through, and for how long.</summary>
public sealed class ImapMarksTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemoryBroker _broker;
    private readonly ImapMarks _marks;

    public ImapMarksTests()
    {
        _broker = new MemoryBroker(_time);
        _marks = new ImapMarks(new MailSourceOptions("f", "source.f", _broker, _time, NullLogger.Instance));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_mark_stays_as_long_as_its_mail_and_thirty_days_longer()
    {
        await PutAsync(1, 2, 3);
        Assert.Equal(0, await SweepAsync(1, 3));
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await SweepAsync(1));
        Assert.True(await KnownAsync(2));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await SweepAsync(1));
        Assert.True(await KnownAsync(1));
        Assert.False(await KnownAsync(2));
        Assert.True(await KnownAsync(3));
    }

    [Fact]
    public async Task A_mail_that_is_back_begins_anew()
    {
        await PutAsync(1);
        await SweepAsync();
        _time.Advance(TimeSpan.FromDays(20));
        await SweepAsync(1);
        _time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(0, await SweepAsync());
        Assert.True(await KnownAsync(1));
    }

    [Fact]
    public async Task A_mail_that_was_met_under_new_uids_is_where_it_is_now()
    {
        await PutAsync(1);
        Assert.True(await _marks.IsKnownAsync(Hash(1), Offset(2, 1), Cancel));
        await _marks.SaveAsync(Cancel);
        await _marks.SweepAsync(new HashSet<long> { Offset(2, 1) }, Cancel);
        _time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(0, await _marks.SweepAsync(new HashSet<long> { Offset(2, 1) }, Cancel));
        Assert.True(await KnownAsync(1));
    }

    [Fact]
    public async Task A_mark_that_does_not_say_where_its_mail_is_stays()
    {
        await _broker.CommitAsync(new CommitUnit { State = [new StateWrite("source.f", 0, (byte[])[.. "mail:"u8, .. Hash(7)], new byte[] { 1 })] }, Cancel);
        await SweepAsync();
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Equal(0, await SweepAsync());
        Assert.True(await KnownAsync(7));
    }

    [Fact]
    public async Task Thousands_of_marks_go_in_one_sweep_and_it_is_due_once_a_day()
    {
        await PutAsync([.. Enumerable.Range(1, 2_500)]);
        Assert.False(_marks.IsDue);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(_marks.IsDue);
        await SweepAsync();
        Assert.False(_marks.IsDue);
        _time.Advance(TimeSpan.FromDays(31));
        Assert.True(_marks.IsDue);
        Assert.Equal(2_500, await SweepAsync());
    }

    private static long Offset(int epoch, int uid) => ImapPosition.Offset((uint)epoch, (uint)uid);

    private static byte[] Hash(int mail) => SHA256.HashData(Encoding.ASCII.GetBytes($"mail {mail}"));

    private async Task PutAsync(params int[] mails) =>
        await _broker.CommitAsync(new CommitUnit { State = [.. mails.Select(mail => _marks.Write(Hash(mail), Offset(1, mail)))] }, Cancel);

    private Task<int> SweepAsync(params int[] present) => _marks.SweepAsync(present.Select(mail => Offset(1, mail)).ToHashSet(), Cancel);

    private async Task<bool> KnownAsync(int mail) => await _marks.IsKnownAsync(Hash(mail), Offset(1, mail), Cancel);
}

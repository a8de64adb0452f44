using System.Text;
using CsCheck;
using Trunkline.Mail.Mbox;

namespace Trunkline.Mail.Tests.Mbox;

public sealed class MboxReaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void What_is_written_as_mboxrd_is_read_back_from_any_mail_on() => Gen.String["ab \n>Fromx"].Array[1, 8].Sample(contents =>
    {
        var mails = contents.Select(text => "Subject: x\n\n" + text.Replace("x", "From ", StringComparison.Ordinal).TrimEnd('\n') + "\n").ToArray();
        var file = new StringBuilder();
        var starts = new List<int>();
        foreach (var mail in mails)
        {
            starts.Add(file.Length);
            file.Append("From a@b Mon Jan  1 00:00:00 2026\n");
            foreach (var line in mail[..^1].Split('\n'))
            {
                file.Append(line.TrimStart('>').StartsWith("From ", StringComparison.Ordinal) ? ">" : "").Append(line).Append('\n');
            }

            file.Append('\n');
        }

        for (var from = 0; from < mails.Length; from++)
        {
            Assert.Equal(mails[from..], Read(file.ToString(), starts[from]));
        }
    });

    [Fact]
    public async Task The_last_mail_waits_until_it_is_known_to_be_whole()
    {
        using var file = new MemoryStream("From a\nSubject: 1\n\none\n\nFrom a\nSubject: 2\n\ntw"u8.ToArray());
        var reader = new MboxReader(file, 0, 1000);
        Assert.NotNull(await reader.ReadAsync(false, Cancel));
        Assert.Null(await reader.ReadAsync(false, Cancel));
    }

    [Fact]
    public async Task A_mail_too_large_is_passed_over_and_the_next_is_read()
    {
        using var file = new MemoryStream(Encoding.ASCII.GetBytes("From a\n\n" + new string('x', 200_000) + "\n\nFrom a\n\nnext\n"));
        var reader = new MboxReader(file, 0, 1000);
        Assert.Null((await reader.ReadAsync(true, Cancel))!.Content);
        Assert.Equal("\nnext\n", Encoding.ASCII.GetString((await reader.ReadAsync(true, Cancel))!.Content!));
        Assert.Null(await reader.ReadAsync(true, Cancel));
    }

    [Fact]
    public async Task What_is_no_mbox_is_refused()
    {
        using var file = new MemoryStream("Subject: a mail, not an mbox\n"u8.ToArray());
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new MboxReader(file, 0, 1000).ReadAsync(true, Cancel));
    }

    private static List<string> Read(string text, int from)
    {
        using var file = new MemoryStream(Encoding.ASCII.GetBytes(text)) { Position = from };
        var reader = new MboxReader(file, from, 1_000_000);
        var mails = new List<string>();
        while (reader.ReadAsync(true, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } mail)
        {
            mails.Add(Encoding.ASCII.GetString(mail.Content!));
        }

        return mails;
    }
}

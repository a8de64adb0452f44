using System.Text;
using CsCheck;
using Trunkline.Mail.Smtp;

namespace Trunkline.Mail.Tests.Smtp;

public sealed class DataReaderTests
{
    [Fact]
    public void Whatever_is_stuffed_and_cut_anywhere_comes_out_as_it_was() => Gen.Select(
        Gen.String["ab.\r\n"].Array[0, 20], Gen.Int[1, 9]).Sample((parts, cut) =>
    {
        // Only CR LF ends lines in what a sender may send.
        var lines = parts.Select(part => part.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)).ToArray();
        var sent = string.Concat(lines.Select(line => (line.StartsWith('.') ? "." : "") + line + "\r\n")) + ".\r\nQUIT\r\n";
        var reader = new DataReader(1_000_000, 1_000_000);
        var bytes = Encoding.ASCII.GetBytes(sent);
        var at = 0;
        while (!reader.Read(bytes.AsSpan(at, Math.Min(cut, bytes.Length - at)), out var used))
        {
            at += used;
            Assert.True(at < bytes.Length, "the end was not seen");
        }

        Assert.Null(reader.Fault);
        Assert.Equal(string.Concat(lines.Select(line => line + "\r\n")), Encoding.ASCII.GetString(reader.Mail.Span));
    });

    [Fact]
    public void Any_bytes_end_only_at_a_dot_between_two_ends_of_lines() => Gen.String["a.\r\n"].Sample(text =>
    {
        var reader = new DataReader(1_000_000, 1_000_000);
        var ended = reader.Read(Encoding.ASCII.GetBytes(text), out var used);
        var end = ("\r\n" + text).IndexOf("\r\n.\r\n", StringComparison.Ordinal);
        Assert.Equal(end >= 0, ended);
        Assert.Equal(end >= 0 ? end + 3 : text.Length, used);
        var content = ended ? text[..end] : text;
        var bare = content.Replace("\r\n", "", StringComparison.Ordinal);
        if (ended)
        {
            Assert.Equal(bare.Contains('\n', StringComparison.Ordinal) || bare.Contains('\r', StringComparison.Ordinal), reader.Fault is not null);
        }
    });
}

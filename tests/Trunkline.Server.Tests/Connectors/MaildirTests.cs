using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Trunkline.Server.Configuration;
using Trunkline.Server.Tests.Flows;
using static Trunkline.Server.Tests.Flows.SupervisorFixture;

namespace Trunkline.Server.Tests.Connectors;

public sealed class MaildirTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-maildir-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_file_of_a_folder_comes_once_over_restarts()
    {
        const int Files = 2_000;
        for (var i = 0; i < Files; i++)
        {
            Write(Path.Combine($"sub{i % 3}", i.ToString("D5", CultureInfo.InvariantCulture) + ".txt"), $"mail {i}");
        }

        await using var fixture = new SupervisorFixture();
        var project = Project(Flow("f", new MaildirSourceConfig(_folder, default), ToTopic()));
        for (var life = 0; life < 4; life++)
        {
            var supervisor = fixture.Start();
            await supervisor.ApplyAsync(project, 1, Cancel);
            await fixture.HoldsAsync("out", Math.Min(Files, 300 * (life + 1)));
            await supervisor.StopAsync(TimeSpan.Zero);
        }

        var last = fixture.Start();
        await last.ApplyAsync(project, 1, Cancel);
        await fixture.HoldsAsync("out", Files);
        Write("late.txt", "late mail");
        await fixture.HoldsAsync("out", Files + 1);
        var payloads = (await fixture.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)).ToArray();
        Assert.Equal(Files + 1, payloads.Length);
        Assert.Equal(Files + 1, payloads.Distinct().Count());
    }

    [Fact]
    public async Task A_mail_of_a_maildir_stays_the_same_when_it_is_read_and_flagged()
    {
        foreach (var sub in new[] { "new", "cur", "tmp" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, sub));
        }

        // Fresh files: a Maildir's appear whole, so none has to rest.
        File.WriteAllText(Path.Combine(_folder, "new", "1.host"), "one");
        File.WriteAllText(Path.Combine(_folder, "cur", "2.host:2,S"), "two");
        File.WriteAllText(Path.Combine(_folder, "tmp", "3.host"), "half");
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", new MaildirSourceConfig(_folder, default), ToTopic())), 1, Cancel);
        await fixture.HoldsAsync("out", 2);
        File.Move(Path.Combine(_folder, "new", "1.host"), Path.Combine(_folder, "cur", "1.host:2,RS"));
        File.WriteAllText(Path.Combine(_folder, "tmp", "4.host"), "four");
        File.Move(Path.Combine(_folder, "tmp", "4.host"), Path.Combine(_folder, "new", "4.host"));
        await fixture.HoldsAsync("out", 3);
        Assert.Equal(["four", "one", "two"], (await fixture.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)).Order());
    }

    [Fact]
    public async Task A_file_still_being_written_waits_and_one_with_new_content_is_a_new_message()
    {
        Write("a.txt", "first");
        var growing = Path.Combine(_folder, "growing.txt");
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        File.WriteAllText(growing, "half");
        File.SetLastWriteTimeUtc(growing, time.GetUtcNow().UtcDateTime);
        await using var fixture = new SupervisorFixture { Time = time };
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", new MaildirSourceConfig(_folder, default), ToTopic())), 1, Cancel);
        await fixture.HoldsAsync("out", 1);
        File.AppendAllText(growing, " and whole");
        File.SetLastWriteTimeUtc(growing, time.GetUtcNow().UtcDateTime);
        Write("a.txt", "second");
        await fixture.HoldsAsync("out", 2);
        time.Advance(TimeSpan.FromSeconds(1));

        // Touched, with the same content: nothing new.
        await fixture.HoldsAsync("out", 3);
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "a.txt"), DateTimeOffset.UnixEpoch.UtcDateTime);
        Write("z.txt", "last");
        await fixture.HoldsAsync("out", 4);
        Assert.Equal(
            ["first", "half and whole", "last", "second"], (await fixture.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)).Order());
    }

    [Fact]
    public async Task Hidden_files_and_links_are_left_out()
    {
        Write(".hidden", "no");
        Write("yes.txt", "yes");
        var secret = Path.Combine(Directory.CreateTempSubdirectory("trunkline-secret-").FullName, "secret.txt");
        File.WriteAllText(secret, "secret");
        File.CreateSymbolicLink(Path.Combine(_folder, "link.txt"), secret);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "linked"), Path.GetDirectoryName(secret)!);
        await using var fixture = new SupervisorFixture();
        var supervisor = fixture.Start();
        await supervisor.ApplyAsync(Project(Flow("f", new MaildirSourceConfig(_folder, default), ToTopic())), 1, Cancel);
        await fixture.HoldsAsync("out", 1);
        Write("zz.txt", "zz");
        await fixture.HoldsAsync("out", 2);
        Assert.Equal(["yes", "zz"], (await fixture.ReadAsync("out")).Select(m => Encoding.UTF8.GetString(m.Message.Payload.Span)).Order());
        Directory.Delete(Path.GetDirectoryName(secret)!, recursive: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Writes a file that rested long ago.</summary>
    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = Path.Combine(Path.GetDirectoryName(path)!, ".part");
        File.WriteAllText(part, content);
        File.SetLastWriteTimeUtc(part, new DateTime(2020, 1, 1, 0, 0, content.Length % 60, DateTimeKind.Utc));
        File.Move(part, path, overwrite: true);
    }
}

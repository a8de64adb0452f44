using System.Diagnostics;
using System.Globalization;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Tests.Steps;

/// <summary>Programs as steps, real ones: what they print, how they fail, and that none of them outlives its message.</summary>
public sealed class ExecStepTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trunkline-exec-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_program_gets_the_body_and_what_it_prints_becomes_the_body_or_a_field()
    {
        Assert.Equal("""{"n":1}""", (await Shell("cat").BodyAsync(Pipelines.Json("""{"n":1}"""))).Trim());
        var field = Pipelines.Factory([Step("tr a-z A-Z") with { Output = "loud" }]);
        Assert.Equal("""{"text":"hi","loud":{"TEXT":"HI"}}""", await field.BodyAsync(Pipelines.Json("""{"text":"hi"}""")));
    }

    [Theory]
    [InlineData("exit 3", "step.script-failed", FaultClass.Retryable)]
    [InlineData("exit 65", "step.script-refused", FaultClass.Terminal)]
    [InlineData("exec /nowhere/at-all", "step.script-failed", FaultClass.Retryable)]
    [InlineData("echo '{'", "step.script-malformed", FaultClass.Poison)]
    [InlineData("yes", "step.script-malformed", FaultClass.Poison)]
    [InlineData("kill -9 $$", "step.script-failed", FaultClass.Retryable)]
    public async Task How_it_ends_says_whether_trying_again_can_help(string script, string code, object faultClass)
    {
        var fault = await Shell(script).FaultAsync(Pipelines.Json("""{"text":"hunter2"}"""));
        Assert.Equal((code, (FaultClass)faultClass), (fault.Code, fault.Class));
        Assert.DoesNotContain("hunter2", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_sees_what_it_is_given_of_the_environment_and_nothing_of_the_nodes()
    {
        Environment.SetEnvironmentVariable("TRUNKLINE_TEST_SECRET", "hunter2");
        var factory = Pipelines.Factory([Step("printf '\"%s|%s\"' \"$MINE\" \"$TRUNKLINE_TEST_SECRET\"") with { Environment = [("MINE", new Secret("yes"))] }]);
        Assert.Equal("\"yes|\"", await factory.BodyAsync(Pipelines.Json("1")));
    }

    [Fact]
    public async Task One_that_hangs_is_killed_with_all_it_started_those_that_left_its_session_too()
    {
        var watch = Stopwatch.StartNew();
        var factory = Pipelines.Factory([Step($"sleep 600 & setsid sleep 601 & echo $$ > {_folder}/pid; sleep 602") with { Timeout = TimeSpan.FromMilliseconds(700) }]);
        Assert.Equal("step.script-timeout", (await factory.FaultAsync(Pipelines.Json("1"))).Code);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
        Assert.Empty(Sleeping());
    }

    [Fact]
    public async Task What_it_leaves_behind_ends_with_it_and_holds_nothing_up()
    {
        Assert.Equal("1", await Shell("(sleep 603 &) ; cat").BodyAsync(Pipelines.Json("1")).WaitAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken));
        Assert.Empty(Sleeping());
    }

    [Fact]
    public async Task One_that_forks_for_ever_is_killed_at_its_bound_of_processes()
    {
        // It waits between forks, so that the machine of the test has no more of it than the node has.
        var factory = Pipelines.Factory([Step("while :; do sleep 604 & sleep 0.01; done") with { ProcessesMax = 10, Timeout = TimeSpan.FromSeconds(30) }]);
        var fault = await factory.FaultAsync(Pipelines.Json("1"));
        Assert.Equal(("step.script-over-limit", FaultClass.Poison), (fault.Code, fault.Class));
        Assert.Contains("10 processes", fault.Detail, StringComparison.Ordinal);
        Assert.Empty(Sleeping());
    }

    [Fact]
    public async Task One_that_takes_too_much_memory_is_killed()
    {
        // Doubles a text twenty times a second until something stops it.
        var factory = Pipelines.Factory([Step("a=x; while :; do a=$a$a; sleep 0.05; done") with { MemoryMax = 64 * 1024 * 1024, Timeout = TimeSpan.FromSeconds(30) }]);
        Assert.Equal("step.script-over-limit", (await factory.FaultAsync(Pipelines.Json("1"))).Code);
    }

    [Fact]
    public async Task A_pool_keeps_its_programs_gives_each_one_message_at_a_time_and_replaces_one_that_ends()
    {
        var script = $"echo started >> {_folder}/starts; while read -r line; do case $line in *stop*) exit 65;; *) echo \"$line\";; esac; done";
        var factory = Pipelines.Factory([Step(script) with { Pool = 2 }]);
        for (var i = 0; i < 10; i++)
        {
            var body = await factory.BodyAsync(Pipelines.Json($"{{\n\"n\":{i}}}"));
            Assert.Equal($"{{\"n\":{i}}}", body.Replace(" ", "", StringComparison.Ordinal).Trim());
        }

        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder, "starts"), TestContext.Current.CancellationToken));
        Assert.Equal("step.script-refused", (await factory.FaultAsync(Pipelines.Json("\"stop\""))).Code);
        Assert.Equal("2", (await factory.BodyAsync(Pipelines.Json("2"))).Trim());
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(_folder, "starts"), TestContext.Current.CancellationToken)).Length);

        var many = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => factory.BodyAsync(Pipelines.Json(i.ToString(CultureInfo.InvariantCulture), $"m-{i}")))));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i.ToString(CultureInfo.InvariantCulture)), many.Select(one => one.Trim()));
        Assert.InRange((await File.ReadAllLinesAsync(Path.Combine(_folder, "starts"), TestContext.Current.CancellationToken)).Length, 2, 3);
    }

    [Fact]
    public async Task A_replay_is_answered_from_the_recording_and_starts_nothing()
    {
        var first = Assert.IsType<PipelineResult.Delivered>(await Shell($"echo x >> {_folder}/runs; cat").RunAsync(Pipelines.Json("7")));
        var replayer = new EffectReplayer(new ReplayRules { MayRun = _ => false });
        foreach (var effect in first.Effects)
        {
            replayer.Add(effect);
        }

        var replay = Pipelines.Factory([Step($"echo x >> {_folder}/runs; cat")], [Pipelines.To("out")], new EffectPort(replayer.InterceptAsync));
        Assert.Equal("7", await replay.BodyAsync(Pipelines.Json("7")));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder, "runs"), TestContext.Current.CancellationToken));
        Assert.Equal("step.effect-not-recorded", (await replay.FaultAsync(Pipelines.Json("8"))).Code);
    }

    private ExecStepConfig Step(string script) => new("exec-1", ["/bin/sh", "-c", script], _folder, Pipelines.Here);

    private IPipelineFactory Shell(string script) => Pipelines.Factory([Step(script)]);

    /// <summary>Sleeping processes of these tests: none of them sleeps anything but 600 to 604 s.</summary>
    private static List<string> Sleeping() =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Trim();
            }
            catch (IOException)
            {
                return "";
            }
        }).Where(command => command is "sleep 600" or "sleep 601" or "sleep 602" or "sleep 603" or "sleep 604"),
    ];
}

using System.Diagnostics;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Core.Security;
using Trunkline.Messaging.Brokers;
using Trunkline.Messaging.Topics;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Inference;

namespace Trunkline.Server.FlowTests;

/// <summary>
/// The tests users write beside their flows, in files <c>*.tests.yaml</c>. They run the real flow on a broker in memory, with a clock
/// that does not wait, and reach nothing outside.
/// </summary>
public sealed class FlowTestSuite
{
    private const long MailBytesMax = 32L * 1024 * 1024;

    private readonly ProjectConfig _project;
    private readonly IReadOnlyList<FlowTestCase> _tests;

    private FlowTestSuite(ProjectConfig project, IReadOnlyList<FlowTestCase> tests, IReadOnlyList<Fault> faults) =>
        (_project, _tests, Faults) = (project, tests, faults);

    /// <summary>What is wrong with the files; empty if all can run.</summary>
    public IReadOnlyList<Fault> Faults { get; }

    /// <summary>The names of the tests, in order.</summary>
    public IReadOnlyList<string> Names => [.. _tests.Select(test => test.Name)];

    /// <summary>The JSON Schema of a file of tests.</summary>
    public static string Schema() => SchemaDocument.Render(FlowTestGrammar.Type, "urn:trunkline:test-file:1", "Trunkline tests of flows");

    /// <summary>Reads tests.</summary>
    /// <param name="project">The project, without faults.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="paths">Files of tests, relative to the project's folder; empty for all <c>*.tests.yaml</c> below it.</param>
    public static FlowTestSuite Load(ProjectConfig project, ProjectSource source, IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(source);
        var (faults, bounds) = (new FaultList(), new YamlBounds());
        var reading = new GrammarReading(faults, new Interpolation(source.Variables, source.ReadSecretFile), source.ExpressionCheck);
        var tests = new List<FlowTestCase>();
        var files = paths.Count > 0 ? paths : source.Files.Find(new GlobPattern("**/*" + IncludeLoader.TestsEnding), bounds.FilesMax);
        foreach (var path in files.Take(bounds.FilesMax))
        {
            var name = source.Files.Display(path);
            var text = source.Files.Read(path, bounds.FileCharactersMax);
            if (text.Text is null)
            {
                faults.Add(new SourceLocation(name, 0), FaultCodes.FileUnreadable, $"The file '{Printable.Show(path, 200)}' {text.Problem}.", "Name an existing, readable UTF-8 file inside the project's folder.");
            }
            else if (YamlComposer.Compose(name, text.Text, faults, bounds).Root is { } root && FlowTestGrammar.Type.TryRead(root, "", reading, out var values))
            {
                tests.AddRange(new FlowTestReader(project, faults, mail => ReadMail(source, path, mail)).Read(values));
            }
        }

        return new FlowTestSuite(project, tests, faults.Ordered());
    }

    /// <summary>Runs the tests, one after the other.</summary>
    /// <param name="select">Only those whose name contains this, in any case; null for all.</param>
    /// <param name="progress">Told each test when it is done; null for nobody.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="InvalidModelException">A model cannot be made.</exception>
    public async Task<FlowTestReport> RunAsync(string? select, IProgress<FlowTestView>? progress, CancellationToken cancellationToken)
    {
        var tests = _tests.Where(test => select is null || test.Name.Contains(select, StringComparison.OrdinalIgnoreCase)).ToArray();
        var coverage = tests.Select(test => test.Flow).Distinct().ToDictionary(flow => flow.Name, flow => new FlowCoverage(flow), StringComparer.Ordinal);
        var called = StandIns.WithModelsOf(_project, tests.Select(test => test.Flow));
        var catalog = new ModelCatalog(new OutgoingAddressPolicy(), StandIns.ModelsOf(called), TimeProvider.System);
        await using (catalog.ConfigureAwait(false))
        {
            var models = catalog.Lease(called);
            await using (models.ConfigureAwait(false))
            {
                // Models may take seconds to load: not on the caller's thread.
                await Task.Run(models.Load, cancellationToken).ConfigureAwait(false);
                var views = new List<FlowTestView>();
                foreach (var test in tests)
                {
                    var view = await RunAsync(test, models, coverage[test.Flow.Name], cancellationToken).ConfigureAwait(false);
                    views.Add(view);
                    progress?.Report(view);
                }

                return new FlowTestReport(views.Count(v => v.Passed), views.Count(v => !v.Passed), views, [.. coverage.Values.Select(c => c.View())]);
            }
        }
    }

    private async Task<FlowTestView> RunAsync(FlowTestCase test, ModelSet models, FlowCoverage coverage, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var flowTime = TimeSpan.Zero;
        IReadOnlyList<FlowTestFailure> failures;
        try
        {
            var bench = new FlowTestBench(test, ProjectOf(test), models, coverage);
            await using (bench.ConfigureAwait(false))
            {
                var result = await bench.RunAsync(cancellationToken).ConfigureAwait(false);
                flowTime = result.FlowTime;
                failures = ExpectationCheck.Run(test, result);
            }
        }
        catch (Exception failed) when (failed is TimeoutException or BrokerException or ArgumentException)
        {
            failures = [new FlowTestFailure(test.Where.File, test.Where.Line, "the test could not be run", "an end", failed.Message)];
        }

        return new FlowTestView(
            test.Name,
            test.Flow.Name,
            test.Where.File,
            test.Where.Line,
            failures.Count == 0,
            Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1),
            flowTime.TotalMilliseconds,
            failures);
    }

    /// <summary>The project cut to the flow of a test. One partition and one lane: what is sent first is begun first.</summary>
    private ProjectConfig ProjectOf(FlowTestCase test)
    {
        var flow = test.Flow;
        var topic = flow.From is TopicSourceConfig own ? own.Topic : "trunkline.test." + flow.Name;
        var topics = _project.Topics.ToDictionary(t => t.Key, t => t.Value with { Settings = t.Value.Settings with { Partitions = 1 } }, StringComparer.Ordinal);
        topics.TryAdd(topic, new TopicConfig { Settings = new TopicSettings { Name = topic, Partitions = 1, MessageBytesMax = 64 * 1024 * 1024 } });
        var from = new TopicSourceConfig(topic, (flow.From as TopicSourceConfig)?.Group ?? "flow." + flow.Name, SubscribeStart.Earliest, flow.From.Where);
        return _project with
        {
            Topics = topics,
            Flows = new Dictionary<string, FlowConfig>(StringComparer.Ordinal) { [flow.Name] = flow with { From = from, Lanes = 1 } },
        };
    }

    /// <summary>A mail beside the file that names it, inside the project's folder.</summary>
    private static byte[]? ReadMail(ProjectSource source, string from, string path)
    {
        if (IncludeLoader.Normalise(from, path) is not { } relative)
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(source.BaseDirectory, relative));
        try
        {
            return file is { Exists: true, LinkTarget: null, Length: <= MailBytesMax } ? File.ReadAllBytes(file.FullName) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

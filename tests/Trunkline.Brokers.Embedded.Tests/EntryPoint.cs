using Trunkline.Brokers.Embedded.Tests.Conformance;
using Trunkline.Brokers.Embedded.Tests.Crashes;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Trunkline.Brokers.Embedded.Tests;

/// <summary>Runs the tests, or, as a child of one of them, the store that is to be killed.</summary>
internal static class EntryPoint
{
    public static Task<int> Main(string[] args) => args switch
    {
        [EmbeddedBrokerConformance.ChildVerb, var folder] => EmbeddedBrokerConformance.RunChildAsync(folder),
        [UpkeepChild.Verb, var folder] => UpkeepChild.RunAsync(folder),
        [ReadChild.Verb, var folder] => ReadChild.RunAsync(folder),
        [StoreChild.Verb, var folder, var journal] => StoreChild.RunAsync(folder, journal),
        _ when args.Any(a => a is "--server" or "--internal-msbuild-node") =>
            TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}

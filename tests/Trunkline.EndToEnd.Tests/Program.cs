using Trunkline.EndToEnd.Tests;
using Trunkline.EndToEnd.Tests.Soak;

// One executable, four parts: ./dev soak, ./dev rolling, the process a test stops, and the tests.
return args switch
{
    [SoakCommand.Verb, .. var rest] => await SoakCommand.RunAsync(rest),
    [RollingCommand.Verb, .. var rest] => await RollingCommand.RunAsync(rest),
    [HolderCommand.Verb, var node, var topic, var group, var lease] => await HolderCommand.RunAsync(node, topic, group, lease),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

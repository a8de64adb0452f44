using Trunkline.Crash.Tests.Child;
using Trunkline.Crash.Tests.Harness;
using Trunkline.Crash.Tests.Poison;

// One executable, in parts: the store that is killed and the node that dies of a message (children), the cycles of ./dev crash, and the tests.
return args switch
{
    ["store-child", .. var rest] => await StoreChild.RunAsync(rest),
    [PoisonNode.Verb, .. var rest] => await PoisonNode.RunAsync(rest),
    ["cycles", .. var rest] => await CycleCommand.RunAsync(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

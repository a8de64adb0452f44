using Trunkline.Crash.Tests.Child;
using Trunkline.Crash.Tests.Harness;

// One executable, three parts: the store that is killed (a child), the cycles of ./dev crash, and the tests.
return args switch
{
    ["store-child", .. var rest] => await StoreChild.RunAsync(rest),
    ["cycles", .. var rest] => await CycleCommand.RunAsync(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

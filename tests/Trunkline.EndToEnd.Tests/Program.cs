using Trunkline.EndToEnd.Tests.Soak;

// One executable, three parts: ./dev soak, ./dev rolling, and the tests.
return args switch
{
    [SoakCommand.Verb, .. var rest] => await SoakCommand.RunAsync(rest),
    [RollingCommand.Verb, .. var rest] => await RollingCommand.RunAsync(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

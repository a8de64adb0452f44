using Trunkline.Cli;

return await CommandLine.RunAsync(args);

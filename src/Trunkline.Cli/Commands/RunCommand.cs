using System.CommandLine;
using Trunkline.Core.Security;
using Trunkline.Dashboard;
using Trunkline.Server;
using Trunkline.Server.Api.Security;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline run</c>: a node with its dashboard, until SIGTERM or Ctrl-C.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Listen = new("--listen")
    {
        Description = "Address to listen on [TRUNKLINE_LISTEN; default http://127.0.0.1:7420]; port 0 picks a free one.",
        HelpName = "url",
    };

    private static readonly Option<bool> StopWithInput = new("--stop-with-input")
    {
        Description = "Stop when standard input ends too, as it does when the program that started the node is gone.",
    };

    public static Command Create()
    {
        var command = new Command("run", "Run a node until SIGTERM or Ctrl-C; it then finishes what it holds, for at most 30 s.")
        {
            SharedOptions.File, Listen, SharedOptions.Data, StopWithInput, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ProjectLoading.MustExist(SharedOptions.ProjectFile(parsed));
        await using var app = TrunklineApp.Create(Arguments(parsed));

        // Pages do what they do through the API, with the token of whoever looks: that asks for more where more is needed.
        app.ConfigureServices(services => services.AddTrunklineDashboard(() => new Uri(app.Url)))
            .Map(web => web.MapTrunklineDashboard().Requires(Scopes.Read).SignsInAt(SignInPages.Address))
            .Map(web => web.MapTrunklineEntrance().Requires(Scopes.None));
        if (!parsed.GetValue(StopWithInput))
        {
            return await app.RunAsync(cancellationToken);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = StopAtEndOfInputAsync(stop);
        var exitCode = await app.RunAsync(stop.Token);

        // A read of standard input cannot be ended: it goes with the process.
        return ended.IsFaulted ? ExitCode.Internal : exitCode;
    }

    private static Task StopAtEndOfInputAsync(CancellationTokenSource stop) => Task.Run(async () =>
    {
        await Console.OpenStandardInput().CopyToAsync(Stream.Null, stop.Token);
        await stop.CancelAsync();
    });

    private static string[] Arguments(ParseResult parsed)
    {
        List<string> arguments = ["--file", SharedOptions.ProjectFile(parsed)];
        if (parsed.GetValue(Listen) is { } listen)
        {
            arguments.AddRange(["--listen", listen]);
        }

        if (parsed.GetValue(SharedOptions.Data) is { } data)
        {
            arguments.AddRange(["--data", data]);
        }

        if (parsed.GetValue(SharedOptions.Json))
        {
            arguments.Add("--json");
        }

        return [.. arguments];
    }
}

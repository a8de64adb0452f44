using System.CommandLine;
using System.Globalization;
using System.Text;
using Trunkline.Cli.Terminal;
using Trunkline.Client;
using Trunkline.Client.Api;

namespace Trunkline.Cli.Commands;

/// <summary><c>trunkline publish TOPIC [BODY]</c></summary>
internal static class PublishCommand
{
    private const int BodyBytesMax = 256 * 1024 * 1024;

    private static readonly Argument<string> Topic = new("topic") { Description = "The topic." };
    private static readonly Argument<string?> Body = new("body") { Description = "The message; without it, --from or standard input is sent.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> From = new("--from") { Description = "Send this file; '-' is standard input.", HelpName = "path" };
    private static readonly Option<bool> Lines = new("--lines", "-l") { Description = "Every line is a JSON message (NDJSON); all of them become durable together." };
    private static readonly Option<string?> Key = new("--key", "-k") { Description = "Key: messages of one key keep their order.", HelpName = "text" };
    private static readonly Option<string?> Id = new("--id") { Description = "Idempotency key: a second publish with it stores nothing.", HelpName = "text" };
    private static readonly Option<string> ContentType = new("--content-type")
    {
        Description = "Media type, such as application/cloudevents+json.",
        HelpName = "type",
        DefaultValueFactory = _ => "application/json",
    };

    public static Command Create()
    {
        var command = new Command("publish", "Publish a message, or one a line; returns when it is durable.")
        {
            Topic, Body, From, Lines, Key, Id, ContentType, SharedOptions.Node, SharedOptions.Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = SharedOptions.Output(parsed);
        using var client = SharedOptions.Client(parsed);
        var content = new PublishContent
        {
            Body = await ReadBodyAsync(parsed, output, cancellationToken),
            ContentType = MediaType(parsed),
            Key = HeaderValue(parsed.GetValue(Key), "--key"),
            IdempotencyKey = HeaderValue(parsed.GetValue(Id), "--id"),
        };
        var answer = await Patience.WaitAsync(
            output, $"waiting for {client.Address}", client.PublishAsync(parsed.GetRequiredValue(Topic), content, cancellationToken));
        EndingNote.Tell(output, client, parsed.GetRequiredValue(Topic));
        output.Result(answer, ApiJson.Default.PublishResponse, text =>
        {
            foreach (var message in answer.Messages)
            {
                text.Line(string.Create(CultureInfo.InvariantCulture,
                    $"{message.Partition}/{message.Offset}  {message.Id}{(message.Duplicate ? "  duplicate: it was there already" : "")}"));
            }
        });
        return ExitCode.Done;
    }

    private static string MediaType(ParseResult parsed)
    {
        var type = parsed.GetValue(Lines) ? "application/x-ndjson" : parsed.GetValue(ContentType)!;
        return System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _)
            ? type
            : throw CliException.Usage($"'{type}' is not a media type.", "Write it as application/json.");
    }

    private static string? HeaderValue(string? text, string option) => text is not null && text.Any(character => character is < ' ' or > '~')
        ? throw CliException.Usage($"{option} takes printable ASCII.", "Send other keys as 'partitionkey' of a CloudEvent (--content-type application/cloudevents+json).")
        : text;

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(ParseResult parsed, Output output, CancellationToken cancellationToken)
    {
        var body = parsed.GetValue(Body);
        var from = parsed.GetValue(From);
        if (body is not null && from is not null)
        {
            throw CliException.Usage("A body and --from exclude each other.", "Give one of them.");
        }

        if (body is not null)
        {
            return Encoding.UTF8.GetBytes(body);
        }

        if (from is null or "-")
        {
            if (!Console.IsInputRedirected)
            {
                output.Note("reading the message from the terminal; end it with Ctrl-D");
            }

            // Reading a terminal cannot be cancelled: it is left behind when the user gives up.
            return await Task.Run(async () => await ReadAsync(Console.OpenStandardInput(), "standard input", cancellationToken), cancellationToken)
                .WaitAsync(cancellationToken);
        }

        try
        {
            await using var file = File.OpenRead(from);
            return await ReadAsync(file, from, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{from}: {exception.Message}", "Check the path.");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (var read = await stream.ReadAsync(buffer, cancellationToken); read > 0; read = await stream.ReadAsync(buffer, cancellationToken))
        {
            if (bytes.Length + read > BodyBytesMax)
            {
                throw CliException.Usage($"{name} holds more than {BodyBytesMax / 1024 / 1024} MiB.", "Publish it in parts.");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}

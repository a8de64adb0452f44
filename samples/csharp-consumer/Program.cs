using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Trunkline.Client;
using Trunkline.Client.Consuming;

if (args is not [var topic, var group])
{
    Console.Error.WriteLine("usage: consume TOPIC GROUP");
    return 2;
}

var node = new Uri(Environment.GetEnvironmentVariable("TRUNKLINE_URL") ?? "http://127.0.0.1:7420");
var leaseMs = int.Parse(Environment.GetEnvironmentVariable("LEASE_MS") ?? "30000", System.Globalization.CultureInfo.InvariantCulture);
using var client = new TrunklineClient(node, Environment.GetEnvironmentVariable("TRUNKLINE_TOKEN"));
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var options = new ConsumeOptions
{
    Lease = TimeSpan.FromMilliseconds(leaseMs),
    Trouble = (failure, message) => Console.Error.WriteLine($"{message?.Id ?? "node"}: {failure.Message}"),
};
await client.Group(topic, group).ConsumeAsync(NoteJson.Default.Note, HandleAsync, options, stop.Token);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

// May see a message twice: do no harm when repeated. The message's id says whether it was seen.
static ValueTask HandleAsync(Received<Note> received, CancellationToken cancellationToken)
{
    Console.WriteLine($"{received.Event.Id} {received.Event.PartitionKey} {received.Body.Number}");
    return ValueTask.CompletedTask;
}

internal sealed record Note(int Number, string? Text = null);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

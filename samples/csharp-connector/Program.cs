using Trunkline.Samples.CSharpConnector;
using Trunkline.Server;

using var http = new HttpClient();
var server = new Uri(Environment.GetEnvironmentVariable("FEED_URL") ?? "http://127.0.0.1:9000/");

await using var app = TrunklineApp.Create(args);
app.AddSource("feed", new FeedSource(http, new Uri(server, "feed")));
app.AddSink("notes", new NotesSink(http, new Uri(server, "notes/")));
return await app.RunAsync();

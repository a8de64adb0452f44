using Trunkline.Samples.CSharpFlow;
using Trunkline.Server;

// A node with two flows in C#. Topics and models come from trunkline.yaml; flows of that file would run beside these.
await using var app = TrunklineApp.Create(args);
app.AddFlow<Intake>();
app.AddFlow<Triage>();
return await app.RunAsync();

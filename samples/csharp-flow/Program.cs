using Trunkline.Samples.CSharpFlow;
using Trunkline.Server;

// A node with one flow in C#. Topics and models come from trunkline.yaml; flows of that file would run beside this one.
await using var app = TrunklineApp.Create(args);
app.AddFlow<Triage>();
return await app.RunAsync();

// Trains the sample spam model and writes it with its model card:
//   dotnet run -c Release --project samples/Trunkline.Samples.Training
using Trunkline.Cli.Demo;
using Trunkline.Samples.Training;

var corpus = await new SpamAssassinCorpus(CacheFolder.Find()).FetchAsync(CancellationToken.None);
if (corpus is not CorpusFetch.Fetched fetched)
{
    Console.Error.WriteLine(((CorpusFetch.Unavailable)corpus).Reason);
    return 4;
}

var models = args.Length > 0 ? args[0] : Path.Combine("samples", "mail", "models");
var report = await SpamTraining.RunAsync(fetched.Corpus, Path.Combine(models, "spam-v1.zip"));
await File.WriteAllTextAsync(Path.Combine(models, "spam-v1.md"), ModelCard.Write(report));
Console.WriteLine(ModelCard.Write(report));
return 0;

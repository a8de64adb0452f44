// From the repository's root:
//   dotnet run -c Release --project samples/Trunkline.Samples.Training              trains the sample spam model, writes it and its card
//   dotnet run -c Release --project samples/Trunkline.Samples.Training -- bundled   writes the bundled sample mails again
using Trunkline.Cli.Demo;
using Trunkline.Samples.Training;
using Trunkline.Samples.Training.Bundled;

if (args is ["bundled"])
{
    var count = new BundledGenerator(Path.Combine("samples", "Trunkline.Samples.Training", "Bundled"), Path.Combine("samples", "mail", "bundled")).Run();
    Console.WriteLine($"{count} mails");
    return 0;
}

var corpus = await new SpamAssassinCorpus(CacheFolder.Find()).FetchAsync(CancellationToken.None);
if (corpus is not CorpusFetch.Fetched fetched)
{
    Console.Error.WriteLine(((CorpusFetch.Unavailable)corpus).Reason);
    return 4;
}

var models = Path.Combine("samples", "mail", "models");
var report = await SpamTraining.RunAsync(fetched.Corpus, Path.Combine(models, "spam-v1.zip"));
await File.WriteAllTextAsync(Path.Combine(models, "spam-v1.md"), ModelCard.Write(report));
Console.WriteLine(ModelCard.Write(report));
return 0;

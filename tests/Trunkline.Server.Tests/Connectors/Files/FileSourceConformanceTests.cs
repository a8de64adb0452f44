using Trunkline.Server.Configuration;
using Trunkline.Server.Connectors;
using Trunkline.Server.Connectors.Files;
using Trunkline.Testing.Conformance.Connectors;

namespace Trunkline.Server.Tests.Connectors.Files;

public sealed class FileSourceConformanceTests : SourceConformance
{
    protected override ValueTask<ISourceConnector> OpenAsync() => new(new FileSource(new FileSourceConfig(Path.Combine(Folder, "*.log"), default)));

    protected override async ValueTask FeedAsync(IReadOnlyList<string> texts) =>
        await File.AppendAllLinesAsync(Path.Combine(Folder, "app.log"), texts, Stop);
}

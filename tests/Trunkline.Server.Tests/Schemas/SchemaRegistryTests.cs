using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Server.Schemas.Registry;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>What the registry is made of: messages in an internal topic, and a view that can be rebuilt from them.</summary>
public sealed class SchemaRegistryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_view_rebuilt_from_the_topic_is_the_same_and_goes_on_counting_where_it_was()
    {
        await using var broker = new MemoryBroker(TimeProvider.System);
        using (var before = await SchemaRegistry.OpenAsync(broker, Cancel))
        {
            await before.ConfigureAsync("", config => config with { Compatibility = "NONE" }, Cancel);
            foreach (var type in new[] { "int", "long", "string" })
            {
                await before.RegisterAsync(SubjectName.Parse("s"), new Registration(Avro(type)), Cancel);
            }

            await before.MarkAsync(() => [before.View.Versions(SubjectName.Parse("s"))[2] with { State = VersionState.Gone, Content = null }], Cancel);
            await before.MarkAsync(() => [before.View.Versions(SubjectName.Parse("s"))[0] with { State = VersionState.Deleted }], Cancel);
        }

        using var after = await SchemaRegistry.OpenAsync(broker, Cancel);
        Assert.Equal([VersionState.Deleted, VersionState.Live, VersionState.Gone], after.View.Versions(SubjectName.Parse("s")).Select(one => one.State));
        Assert.Equal("\"int\"", after.View.Find(".", 1)!.Text);
        Assert.Null(after.View.Find(".", 3));
        Assert.Equal("NONE", after.Settings.Level(SubjectName.Parse("s")));
        var next = await after.RegisterAsync(SubjectName.Parse("s"), new Registration(Avro("bytes")), Cancel);
        Assert.Equal((4, 4), (next.Version, next.Id));
    }

    [Fact]
    public void The_guid_of_a_schema_is_the_md5_of_its_text()
    {
        Assert.Equal("095d71cf12556b9d5e330ad575b3df5d", Avro("string").Guid().ToString("N"));
        Assert.NotEqual(Avro("string").Guid(), (Avro("string") with { Metadata = "{}" }).Guid());
    }

    private static SchemaContent Avro(string type) => new() { Type = SchemaTypes.Avro, Text = $"\"{type}\"" };
}

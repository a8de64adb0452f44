using Microsoft.Extensions.Time.Testing;
using Trunkline.Brokers.Embedded;
using Trunkline.Brokers.Embedded.Backups;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Schemas.Registry;
using Trunkline.Testing.Processes;

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
    public async Task No_id_that_was_given_after_a_backup_is_given_again_after_its_restore()
    {
        using var folder = new TemporaryFolder();
        var (store, backup) = (Path.Combine(folder.Path, "store"), Path.Combine(folder.Path, "backup"));
        var given = new List<int>();
        await using (var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = store }, Cancel))
        {
            using var registry = await SchemaRegistry.OpenAsync(broker, Cancel);
            given.Add((await registry.RegisterAsync(SubjectName.Parse("a"), new Registration(Avro("int")), Cancel)).Id);
            await broker.BackupAsync(backup, Cancel);
            given.Add((await registry.RegisterAsync(SubjectName.Parse("b"), new Registration(Avro("long")), Cancel)).Id);
            given.Add((await registry.RegisterAsync(SubjectName.Parse(":.lab:b"), new Registration(Avro("long")), Cancel)).Id);
        }

        Assert.Equal([1, 2, 1], given);
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 3; i++)
        {
            // Every restore is of the same backup, which knows of none of the others.
            var restored = Path.Combine(folder.Path, FormattableString.Invariant($"restored-{i}"));
            StoreRestore.Restore(backup, restored, Cancel, new FakeTimeProvider(now + TimeSpan.FromMinutes(i)));
            for (var j = 0; j < 2; j++)
            {
                await using var broker = await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = restored }, Cancel);
                using var registry = await SchemaRegistry.OpenAsync(broker, Cancel);
                Assert.Equal("\"int\"", registry.View.Find(".", 1)!.Text);
                foreach (var subject in new[] { FormattableString.Invariant($"c{j}"), FormattableString.Invariant($":.lab:c{j}") })
                {
                    var type = FormattableString.Invariant($"[\"null\",{{\"type\":\"fixed\",\"name\":\"f{i}{j}\",\"size\":1}}]");
                    given.Add((await registry.RegisterAsync(SubjectName.Parse(subject), new Registration(new() { Type = SchemaTypes.Avro, Text = type }), Cancel)).Id);
                }

                Assert.Equal(1, (await registry.RegisterAsync(SubjectName.Parse("a"), new Registration(Avro("int")), Cancel)).Id);
            }
        }

        // Each id but the two of the context once for each of the two contexts.
        Assert.Equal(6, given.Skip(3).Distinct().Count());
        Assert.All(given.Skip(3), id => Assert.True(id > 2, $"{id}"));
    }

    [Fact]
    public async Task What_an_earlier_node_wrote_is_read_and_what_is_no_version_is_told()
    {
        await using var broker = new MemoryBroker(TimeProvider.System);
        (await SchemaRegistry.OpenAsync(broker, Cancel)).Dispose();
        await AppendAsync(broker, """{"subject":"s","version":1,"id":1,"state":"Live","content":{"type":"AVRO","text":"\u0022int\u0022","references":[]},"more":[1]}""");
        await AppendAsync(broker, """{"subject":"s","version":2,"id":2,"state":"Live","content":{"type":7}}""");
        using (var registry = await SchemaRegistry.OpenAsync(broker, Cancel))
        {
            Assert.Equal("\"int\"", registry.View.Find(".", 1)!.Text);
            Assert.Equal(2, registry.View.HighestId("."));
            Assert.Equal(BrokerErrorCode.StoreDamaged, Assert.Throws<BrokerException>(() => registry.View.Find(".", 2)).Code);
        }

        await AppendAsync(broker, """{"subject":"s","version":"3","id":3}""");
        Assert.Equal(BrokerErrorCode.StoreDamaged, (await Assert.ThrowsAsync<BrokerException>(() => SchemaRegistry.OpenAsync(broker, Cancel))).Code);
    }

    [Fact]
    public void A_floor_is_above_the_clock_and_above_what_is_known_and_has_an_end()
    {
        var at = new DateTimeOffset(2025, 1, 1, 0, 10, 0, TimeSpan.Zero);
        Assert.Equal(600, IdFloor.After(at, 5).Id);
        Assert.Equal(1_000_700, IdFloor.After(at, 700).Id);
        Assert.Equal(int.MaxValue, IdFloor.After(at, int.MaxValue - 1).Id);
    }

    [Fact]
    public void The_guid_of_a_schema_is_the_md5_of_its_text()
    {
        Assert.Equal("095d71cf12556b9d5e330ad575b3df5d", Avro("string").Guid().ToString("N"));
        Assert.NotEqual(Avro("string").Guid(), (Avro("string") with { Metadata = "{}" }).Guid());
    }

    private static async Task AppendAsync(MemoryBroker broker, string version) => await broker.AppendAsync(
        new TopicAppend { Topic = SchemaRegistry.TopicName, Messages = [new Message { Key = MessageKey.FromText(FormattableString.Invariant($"version/{version.Length}")), Payload = System.Text.Encoding.UTF8.GetBytes(version) }] }, Cancel);

    private static SchemaContent Avro(string type) => new() { Type = SchemaTypes.Avro, Text = $"\"{type}\"" };
}

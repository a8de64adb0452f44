using Trunkline.Client.Publishing;

namespace Trunkline.Client.Tests.Publishing;

public sealed class TypedPublishTests : ClientTest
{
    [Fact]
    public async Task A_publish_whose_answer_is_lost_is_tried_again_and_stores_nothing_twice()
    {
        Connection.Fail("messages", before: 2, after: 1);
        var published = await PublishAsync(3);
        Assert.All(published.Messages, message => Assert.True(message.Duplicate));
        var page = await Client.ReadAsync("in", ReadFrom.Earliest, 10, Cancel);
        Assert.Equal([1, 2, 3], page.Messages.Select(m => m.Data!.Value.GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task What_a_message_says_of_itself_is_stored()
    {
        var message = new OutgoingMessage<Note>(new Note(1)) { Id = "m1", Key = "k", Source = "/orders", Type = "order.placed", Tenant = "acme", Priority = 2 };
        await Client.PublishAsync("in", [message], NoteJson.Default.Note, null, Cancel);
        var stored = Assert.Single((await Client.ReadAsync("in", ReadFrom.Earliest, 10, Cancel)).Messages);
        Assert.Equal(("m1", "k", "/orders", "order.placed"), (stored.Id, stored.PartitionKey, stored.Source, stored.Type));
        Assert.Equal("acme", stored.Extensions!["tenant"].GetString());
        Assert.Equal("2", stored.Extensions["priority"].ToString());
    }

    [Fact]
    public async Task Without_patience_one_try_is_all()
    {
        Connection.Fail("messages", before: 1, after: 0);
        await Assert.ThrowsAsync<NodeUnreachableException>(() => Client.PublishAsync(
            "in", [new OutgoingMessage<Note>(new Note(1))], NoteJson.Default.Note, new PublishOptions { Patience = TimeSpan.Zero }, Cancel));
        Assert.Equal(0, Connection.Reached("messages"));
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Trunkline.Client.Consuming;
using Trunkline.Client.Publishing;

namespace Trunkline.Client.Tests;

public sealed class TraceTests : ClientTest
{
    [Fact]
    public async Task A_handler_is_in_the_trace_of_the_publish_and_its_failure_is_told_without_its_text()
    {
        using var root = new ActivitySource("root");
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Trunkline.Client" or "root",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        ActivityTraceId trace;
        using (var work = root.StartActivity("work"))
        {
            trace = work!.TraceId;
            await Client.PublishAsync("in", [new OutgoingMessage<Note>(new Note(1)) { Id = "m1" }], NoteJson.Default.Note, null, Cancel);
        }

        await using var consumer = Consume(new ConsumeOptions(), (_, _) => throw new InvalidOperationException("secret"));
        await UntilAsync(() => ended.Any(a => a.TraceId == trace && a.Kind == ActivityKind.Consumer), "the handler has run");
        var send = ended.Single(a => a.TraceId == trace && a.Kind == ActivityKind.Producer);
        var process = ended.First(a => a.TraceId == trace && a.Kind == ActivityKind.Consumer);
        Assert.Equal(("send in", "process in", send.SpanId), (send.DisplayName, process.DisplayName, process.ParentSpanId));
        Assert.Equal("readers", process.GetTagItem("messaging.consumer.group.name"));
        Assert.Equal(ActivityStatusCode.Error, process.Status);
        Assert.DoesNotContain(process.TagObjects, tag => tag.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true);
    }
}

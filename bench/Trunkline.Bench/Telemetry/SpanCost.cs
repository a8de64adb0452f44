using System.Diagnostics;
using Trunkline.Core.Telemetry;
using Trunkline.Messaging;
using Trunkline.Server.Sight.Traces;

namespace Trunkline.Bench.Telemetry;

/// <summary>What a kept trace of 12 spans costs whoever makes it, beside one bare activity that somebody listens to.</summary>
internal static class SpanCost
{
    /// <summary>Spans of the trace: the try, and its parts.</summary>
    public const int Spans = 12;

    private const int Repeats = 20_000;

    /// <summary>Nanoseconds of one activity, recorded by a listener that does nothing.</summary>
    public static double Bare()
    {
        using var source = new ActivitySource("bench.bare");
        using var listener = new ActivityListener
        {
            ShouldListenTo = listened => listened == source,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return Time(Repeats * Spans, () => source.StartActivity("bare", ActivityKind.Internal)?.Dispose());
    }

    /// <summary>Nanoseconds of a whole trace until it waits to be kept, and of all that is done with it afterwards.</summary>
    public static (double Making, double Writing) Kept()
    {
        var queue = new TraceQueue();
        var share = new TraceShare(1);
        var (tracing, demand) = SightOn.Listen(queue, share);
        using var both = demand;
        using var listening = tracing;
        var tracer = new FlowTracer("bench", null, "in", "flow.bench", TimeProvider.System);
        var messages = Enumerable.Range(0, 1000).Select(Message).ToArray();
        var (making, writing) = (0L, 0L);
        for (var i = 0; i < Repeats / 1000; i++)
        {
            making += Elapsed(() =>
            {
                foreach (var message in messages)
                {
                    Trace(tracer, message);
                }
            });
            share.Adapt();
            writing += Elapsed(() => OtlpWriter.Write(queue.Take()));
        }

        var traces = Repeats / 1000 * 1000;
        return (Nanoseconds(making) / traces, Nanoseconds(writing) / traces);
    }

    /// <summary>A message as it is published: with the context of a trace of its own.</summary>
    private static StoredMessage Message(int number)
    {
        var context = new Header(HeaderNames.TraceParent, $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-00");
        var message = new Message { Source = "/bench", Payload = new byte[300], Headers = Headers.Of(context) };
        return new StoredMessage(message, new Position(0, number), TimeProvider.System.GetUtcNow());
    }

    private static void Trace(FlowTracer tracer, StoredMessage message)
    {
        var span = tracer.Begin(message, 1, default);
        using (span.Enter())
        {
            for (var part = 1; part < Spans; part++)
            {
                using var step = span.Begin("step map-1");
                step?.Done();
            }
        }

        if (!span.End("delivered", null, null))
        {
            throw new InvalidOperationException("the trace is not kept");
        }
    }

    private static double Time(int count, Action work)
    {
        for (var i = 0; i < count / 10; i++)
        {
            work();
        }

        return Nanoseconds(Elapsed(() =>
        {
            for (var i = 0; i < count; i++)
            {
                work();
            }
        })) / count;
    }

    private static long Elapsed(Action work)
    {
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetTimestamp() - began;
    }

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
}

using System.Text.Json;
using Trunkline.Client.Api;
using Trunkline.Server.Expressions;
using Trunkline.Server.Steps;

namespace Trunkline.Server.Taps;

/// <summary>
/// The taps of one node. A flow nobody looks at pays a look at an empty list per step. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class TapBoard(TimeProvider time)
{
    /// <summary>Readers at once.</summary>
    public const int TapsMax = 16;

    private readonly Lock _gate = new();
    private volatile (string Flow, Tap Tap)[] _taps = [];

    /// <summary>The watch of one flow.</summary>
    public IStepWatch Of(string flow) => new FlowWatch(this, flow);

    /// <summary>Opens a tap; null if there are too many.</summary>
    public Tap? Open(string flow, string? step, bool showValues)
    {
        lock (_gate)
        {
            if (_taps.Length >= TapsMax)
            {
                return null;
            }

            var tap = new Tap(step, showValues);
            _taps = [.. _taps, (flow, tap)];
            return tap;
        }
    }

    /// <summary>Closes a tap.</summary>
    public void Close(Tap tap)
    {
        lock (_gate)
        {
            _taps = [.. _taps.Where(open => open.Tap != tap)];
        }
    }

    private void Show(string flow, in PipelineInput input, string step, string? outcome, Func<ReadOnlyMemory<byte>> body)
    {
        ReadOnlyMemory<byte>? bytes = null;
        foreach (var (tapped, tap) in _taps)
        {
            if (tapped == flow && tap.Wants(step))
            {
                tap.Show(View(input, step, outcome, bytes ??= body(), tap.ShowValues));
            }
        }
    }

    private TapEventView View(in PipelineInput input, string step, string? outcome, ReadOnlyMemory<byte> body, bool showValues)
    {
        var message = input.Stored.Message;
        return new TapEventView(time.GetUtcNow(), step, message.Id.Value, input.Stored.Position.Partition, input.Stored.Position.Offset, input.Attempt)
        {
            // A key may be an address or a number of a person: it is masked as values are.
            Key = message.Key is not { } key ? null : showValues ? key.ToString() : $"{key.Bytes.Length} bytes",
            Outcome = outcome,
            Body = body.Length is 0 or > Tap.BodyBytesMax ? null : showValues ? Json(body) : MaskedJson.Of(body),
            BodyBytes = body.Length,
        };
    }

    private static JsonElement? Json(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Not JSON before a parse step: its length is shown.
            return null;
        }
    }

    private sealed class FlowWatch(TapBoard board, string flow) : IStepWatch
    {
        public void Began(in PipelineInput input)
        {
            if (board._taps.Length > 0)
            {
                var stored = input.Stored;
                board.Show(flow, input, "in", null, () => stored.Message.Payload);
            }
        }

        public void Passed(MessageRun run, string step, bool goesOn)
        {
            if (board._taps.Length > 0)
            {
                board.Show(flow, run.Input, step, goesOn ? null : "filtered", () => BodyOf(run));
            }
        }

        public void Ended(in PipelineInput input, PipelineResult result)
        {
            if (board._taps.Length > 0)
            {
                board.Show(flow, input, "out", Outcome(result), () => result is PipelineResult.Delivered { Outputs: [var first, ..] } ? first.Message.Payload : default);
            }
        }

        private static ReadOnlyMemory<byte> BodyOf(MessageRun run)
        {
            try
            {
                return run.Body.Changed ? run.Body.Write() : run.Input.Stored.Message.Payload;
            }
            catch (ExpressionException)
            {
                // A body without a JSON form between two steps is no fault yet, and looking at it must not make it one.
                return default;
            }
        }

        private static string Outcome(PipelineResult result) => result switch
        {
            PipelineResult.Delivered delivered => $"branch-{delivered.Branch + 1}",
            PipelineResult.Filtered filtered => $"filtered ({filtered.Step})",
            PipelineResult.Failed failed => $"failed ({failed.Fault.Code} in {failed.Fault.Step})",
            _ => "",
        };
    }
}

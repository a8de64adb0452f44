using Trunkline.Server.Steps;

namespace Trunkline.Server.Releases.Comparison;

/// <summary>
/// Runs the three sides of a comparison one after the other, beginning with another at each message: the first to meet a message pays
/// for caches that are cold, and no side may always be the first. One message at a time.
/// </summary>
internal sealed class Rotation(FlowSide incumbent, FlowSide again, FlowSide candidate) : IAsyncDisposable
{
    private readonly FlowSide[] _sides = [incumbent, again, candidate];
    private int _first;

    /// <summary>Runs a message through all three.</summary>
    public async ValueTask<(SideRun Was, SideRun Again, SideRun Would)> RunAsync(PipelineInput input, CancellationToken cancellationToken)
    {
        var runs = new SideRun[_sides.Length];
        for (var i = 0; i < _sides.Length; i++)
        {
            var side = (_first + i) % _sides.Length;
            runs[side] = await _sides[side].RunAsync(input, cancellationToken).ConfigureAwait(false);
        }

        _first = (_first + 1) % _sides.Length;
        return (runs[0], runs[1], runs[2]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var side in _sides)
        {
            await side.DisposeAsync().ConfigureAwait(false);
        }
    }
}

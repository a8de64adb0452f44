using CsCheck;
using Trunkline.Server.Sight.Figures;

namespace Trunkline.Server.Tests.Sight.Figures;

/// <summary>Quantiles of a sketch are those of the times themselves, within its error.</summary>
public sealed class LatencySketchTests
{
    [Fact]
    public void A_quantile_is_off_by_one_percent_at_most()
    {
        Gen.Double[1e-4, 100].Array[1, 300].Sample(times =>
        {
            var sketch = new LatencySketch();
            Array.ForEach(times, sketch.Add);
            Array.Sort(times);
            foreach (var share in new[] { 0.5, 0.95, 0.99, 1 })
            {
                var exact = times[(int)Math.Ceiling(share * times.Length) - 1];
                Assert.InRange(sketch.Quantile(share)!.Value, exact * 0.989, exact * 1.011);
            }
        });
    }

    [Fact]
    public void Sketches_add_up_and_none_has_no_quantile()
    {
        var (a, b, both) = (new LatencySketch(), new LatencySketch(), new LatencySketch());
        Assert.Null(a.Quantile(0.5));
        foreach (var i in Enumerable.Range(1, 100))
        {
            (i % 2 == 0 ? a : b).Add(i);
            both.Add(i);
        }

        a.Add(b);
        Assert.Equal(both.Quantile(0.37), a.Quantile(0.37));
    }

    [Fact]
    public void The_one_that_stands_for_none_gives_nothing_to_others_and_takes_nothing()
    {
        var none = LatencySketch.None;
        var sketch = new LatencySketch();
        sketch.Add(1);
        sketch.Add(none);
        Assert.Equal(1, sketch.Total);
        Assert.Equal((0, null, 0), (none.Total, none.Quantile(0.5), none.Above(0)));
        Assert.Empty(none.Filled());
        Assert.Throws<IndexOutOfRangeException>(() => none.Add(1));
        Assert.Throws<IndexOutOfRangeException>(() => none.Add(sketch));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(double.PositiveInfinity)]
    public void Times_that_cannot_be_are_taken_as_the_nearest_that_can(double time)
    {
        var sketch = new LatencySketch();
        sketch.Add(time);
        Assert.InRange(sketch.Quantile(1)!.Value, 1e-5, 10_000);
    }
}

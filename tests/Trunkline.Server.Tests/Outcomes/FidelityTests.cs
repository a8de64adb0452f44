using System.Text;
using Trunkline.Server.Outcomes;

namespace Trunkline.Server.Tests.Outcomes;

/// <summary>Each planted fault lowers its own share and no other.</summary>
public sealed class FidelityTests
{
    private const int Messages = 100;

    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly OutcomeContext Flow = new("", 1, 5_000, "src", "", [], [new OutcomeSink("out", false)]);
    private static readonly OutcomeContext Hooked = Flow with { Sinks = [new OutcomeSink("hook", true)] };
    private static readonly OutcomeContext Hook = new("hook", 1, 5_000, "", "", [], []);

    [Fact]
    public void Without_a_fault_every_share_is_whole()
    {
        Assert.Equal((100, 0, 0, 0, 0, 0, 0), Figures(Plain()));
    }

    [Fact]
    public void A_second_delivery_lowers_once_only_however_often_it_comes()
    {
        var tally = Plain();
        tally.Add(Row("m7", 7), Start.AddSeconds(2));
        tally.Add(Row("m7", 7), Start.AddSeconds(2));
        tally.Add(Row("m8", 500), Start.AddSeconds(2));
        Assert.Equal((100, 0, 2, 0, 0, 0, 2), Figures(tally));
    }

    [Fact]
    public void A_delivery_after_a_later_one_of_its_key_lowers_in_order_only()
    {
        var tally = new FidelityTally();
        tally.Add(Row("a", 2, key: "x"), Start);
        tally.Add(Row("b", 1, key: "x"), Start);
        tally.Add(Row("c", 0, key: "y"), Start);
        tally.Add(Row("d", 0, key: null), Start);
        Assert.Equal((4, 0, 0, 1, 0, 0, 1), Figures(tally));
    }

    [Fact]
    public void A_delivery_beyond_the_SLO_lowers_in_time_only_and_without_SLO_nothing_is_late()
    {
        var tally = Plain();
        tally.Add(Row("late", 500), Start.AddMilliseconds(5_001));
        tally.Add(Row("just", 501), Start.AddMilliseconds(5_000));
        tally.Add(Row("free", 502) with { Context = Flow with { WithinMilliseconds = 0 } }, Start.AddHours(1));
        Assert.Equal((103, 0, 0, 0, 1, 0, 1), Figures(tally));
    }

    [Fact]
    public void Another_model_than_intended_lowers_intended_only()
    {
        var tally = Plain();
        tally.Add(Row("m", 500) with { Degraded = true }, Start);
        Assert.Equal((101, 0, 0, 0, 0, 1, 1), Figures(tally));
    }

    [Theory]
    [InlineData((int)OutcomeState.DeadLettered)]
    [InlineData((int)OutcomeState.Parked)]
    [InlineData((int)OutcomeState.Shed)]
    [InlineData((int)OutcomeState.Expired)]
    public void What_is_not_delivered_lowers_delivered_only_until_it_is(int state)
    {
        var tally = Plain();
        tally.Add(Row("m", 500) with { State = (OutcomeState)state }, Start);
        Assert.Equal((101, 1, 0, 0, 0, 0, 1), Figures(tally));
        tally.Add(Row("m", 500), Start.AddSeconds(1));
        Assert.Equal((101, 0, 0, 0, 0, 0, 0), Figures(tally));
    }

    [Fact]
    public void Filtered_messages_count_in_no_share()
    {
        var tally = Plain();
        tally.Add(Row("m", 500) with { State = OutcomeState.Filtered }, Start);
        Assert.Equal((100, 0, 0, 0, 0, 0, 0), Figures(tally));
        Assert.Equal(1, tally.Since(Start)[""].Filtered);
    }

    [Fact]
    public void A_message_with_several_faults_is_one_faulty_message()
    {
        var tally = Plain();
        tally.Add(Row("m", 500) with { Degraded = true }, Start.AddSeconds(6));
        tally.Add(Row("m", 500) with { Degraded = true }, Start.AddSeconds(6));
        Assert.Equal((101, 0, 1, 0, 1, 1, 1), Figures(tally));
    }

    [Fact]
    public void What_the_sink_of_an_outbox_tells_counts_for_its_message()
    {
        var tally = new FidelityTally();
        foreach (var (id, offset) in new[] { ("good", 0), ("late", 1), ("dead", 2), ("twice", 3) })
        {
            tally.Add(Row(id, offset, key: id) with { Context = Hooked }, Start);
        }

        tally.Add(Sink("r0", 0), Start.AddSeconds(1));
        tally.Add(Sink("r1", 1), Start.AddSeconds(9));
        tally.Add(Sink("r2", 2) with { State = OutcomeState.DeadLettered }, Start.AddSeconds(1));
        tally.Add(Sink("r3", 3), Start.AddSeconds(1));
        tally.Add(Sink("r3", 3), Start.AddSeconds(1));
        tally.Add(Sink("of a message never seen", 77), Start);
        Assert.Equal((4, 1, 1, 0, 1, 0, 3), Figures(tally));
    }

    [Fact]
    public void What_every_sink_that_gave_up_has_after_a_redrive_is_delivered()
    {
        var tally = new FidelityTally();
        tally.Add(Row("m", 0) with { Context = Hooked with { Sinks = [new OutcomeSink("hook", true), new OutcomeSink("mail", true)] } }, Start);
        var mail = Hook with { Sink = "mail" };
        tally.Add(Sink("r-hook", 0) with { State = OutcomeState.DeadLettered }, Start.AddSeconds(1));
        tally.Add(Sink("r-mail", 0) with { State = OutcomeState.DeadLettered, Context = mail }, Start.AddSeconds(1));
        tally.Add(Sink("r-hook", 0) with { State = OutcomeState.DeadLettered }, Start.AddSeconds(2));
        Assert.Equal((1, 1, 0, 0, 0, 0, 1), Figures(tally));

        tally.Add(Sink("r-hook", 0), Start.AddSeconds(3));
        Assert.Equal((1, 1, 0, 0, 0, 0, 1), Figures(tally));
        tally.Add(Sink("r-mail", 0) with { Context = mail }, Start.AddSeconds(4));
        Assert.Equal((1, 0, 0, 0, 0, 0, 0), Figures(tally));

        tally.Add(Sink("r-mail", 0) with { Context = mail }, Start.AddSeconds(4));
        Assert.Equal((1, 0, 1, 0, 0, 0, 1), Figures(tally));
    }

    [Fact]
    public void What_failed_is_counted_by_outcome_cause_and_sink_until_it_goes_well()
    {
        var tally = new FidelityTally();
        tally.Add(Row("a", 0) with { State = OutcomeState.DeadLettered, Cause = "step.expression-failed" }, Start);
        tally.Add(Row("b", 1) with { State = OutcomeState.Parked }, Start);
        tally.Add(Row("c", 2) with { Context = Hooked }, Start);
        tally.Add(Sink("r2", 2) with { State = OutcomeState.DeadLettered, Cause = "sink.refused" }, Start.AddSeconds(1));
        Assert.Equal(
            [(OutcomeState.DeadLettered, "sink.refused", "hook"), (OutcomeState.DeadLettered, "step.expression-failed", ""), (OutcomeState.Parked, "", "")],
            Failed(tally));

        tally.Add(Row("a", 0), Start.AddSeconds(2));
        tally.Add(Row("b", 1) with { State = OutcomeState.DeadLettered, Cause = "flow.poison" }, Start.AddSeconds(2));
        tally.Add(Sink("r2", 2), Start.AddSeconds(2));
        Assert.Equal([(OutcomeState.DeadLettered, "flow.poison", "")], Failed(tally));
        Assert.Equal(3, tally.Since(Start)[""].Due);
    }

    [Fact]
    public void Causes_beyond_the_bound_count_together()
    {
        var tally = new FidelityTally();
        for (var i = 0; i < FidelityBucket.KindsMax + 5; i++)
        {
            tally.Add(Row("m" + i, i) with { State = OutcomeState.DeadLettered, Cause = "cause-" + i }, Start);
        }

        var failed = tally.Since(Start)[""].Failed;
        Assert.Equal(FidelityBucket.KindsMax + 1, failed.Count);
        Assert.Equal(5, failed[new OutcomeKind(OutcomeState.DeadLettered, FidelityBucket.OtherCauses, "")]);
    }

    [Fact]
    public void Tenants_and_minutes_are_counted_apart_and_the_window_is_bounded()
    {
        var tally = new FidelityTally();
        for (var i = 0; i < FidelityTally.TenantsMax + 5; i++)
        {
            tally.Add(Row("m" + i, i) with { Context = Flow with { Tenant = "t" + i } }, Start);
        }

        Assert.Equal(FidelityTally.TenantsMax + 1, tally.Since(Start).Count);
        Assert.Equal(5, tally.Since(Start)[FidelityTally.OtherTenants].Due);
        Assert.Empty(tally.Since(Start.AddMinutes(1)));
        tally.Add(Row("later", 1000) with { Context = Flow with { Tenant = "t0", WithinMilliseconds = 0 } }, Start + FidelityTally.Window + TimeSpan.FromMinutes(2));
        Assert.Equal(1, Assert.Single(tally.Since(Start)).Value.Due);
    }

    private static IEnumerable<(OutcomeState State, string Cause, string Sink)> Failed(FidelityTally tally) =>
        tally.Since(Start)[""].Failed.Where(one => one.Value == 1).Select(one => (one.Key.State, one.Key.Cause, one.Key.Sink)).Order();

    private static FidelityTally Plain()
    {
        var tally = new FidelityTally();
        for (var i = 0; i < Messages; i++)
        {
            tally.Add(Row("m" + i, i, "k" + (i % 10)), Start.AddSeconds(1));
        }

        return tally;
    }

    private static OutcomeRow Row(string id, long offset, string? key = "k0") =>
        new(Flow, 0, offset, Start.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(id), key is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(key)) { Attempts = 1 };

    private static OutcomeRow Sink(string receipt, long offset) => new(Hook, 0, offset, Start.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(receipt), "k"u8.ToArray());

    private static (long Due, long NotDelivered, long Doubled, long OutOfOrder, long Late, long Degraded, long Faulty) Figures(FidelityTally tally)
    {
        var bucket = tally.Since(Start)[""];
        return (bucket.Due, bucket.NotDelivered, bucket.Doubled, bucket.OutOfOrder, bucket.Late, bucket.Degraded, bucket.Faulty);
    }
}

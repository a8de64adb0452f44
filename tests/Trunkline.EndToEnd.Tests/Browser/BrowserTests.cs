namespace Trunkline.EndToEnd.Tests.Browser;

/// <summary>The pages in a real browser, over a node from the published folder with live data.</summary>
[Trait("speed", "slow")]
public sealed class BrowserTests(BrowserJourneys journeys) : IClassFixture<BrowserJourneys>
{
    /// <summary>Every page there is, with something on it.</summary>
    public static IReadOnlyList<string> Addresses { get; } =
    [
        "/", "/overview", "/map?only=trouble", "/map?group=owner", "/map?group=none&find=answer", "/map?at=1d", "/map?against=15m", "/journey", "/journey?by=id&value=order-12", "/journey?by=key&value=customer-3",
        "/outcomes", "/outcomes?flow=answer&state=dead-lettered", "/outcomes?fact=rated", "/dead", "/dead?flow=answer", "/dead/answer/0/1", "/dead/answer/0/4", "/fidelity", "/slo", "/slo?flow=answer", "/promises", "/alerts",
        "/why?flow=answer", "/path?flow=answer", "/path?flow=answer&owner=flow.answer&factor=0.5", "/traces", "/traces/0af7651916cd43dd8448eb211c80319c", "/models", "/catalog", "/subjects", "/subject?name=orders",
        "/changes", "/logs", "/logs?flow=answer", "/flows/answer", "/topics/sorted", "/search",
        .. Missing,
    ];

    /// <summary>Pages on what there is not.</summary>
    public static IReadOnlyList<string> Missing => ["/search?value=nobody", "/nobody", "/flows/nobody", "/topics/nobody", "/traces/nobody", "/journey?by=id&value=nobody"];

    public static TheoryData<string> Pages => [.. Addresses];

    [Theory]
    [InlineData("sign in")]
    [InlineData("follow a message")]
    [InlineData("from an alert to its cause in two clicks")]
    [InlineData("redrive a dead letter")]
    [InlineData("travel in time on the map")]
    [InlineData("watch the map live")]
    [InlineData("the map on a phone")]
    [InlineData("search from the head of any page")]
    [InlineData("from what became of messages to one of them")]
    [InlineData("names that would do harm are shown harmlessly")]
    [InlineData("sign out")]
    public void A_journey_comes_to_its_end(string journey) => Came(journey);

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_has_no_fault_in_either_theme_fits_a_small_screen_and_is_reached_by_the_keyboard(string page) => Came($"page {page}");

    private void Came(string journey)
    {
        Assert.SkipUnless(journeys.Missing is null, journeys.Missing ?? "");
        Assert.True(journeys.Came.TryGetValue(journey, out var why), "the journey was made");
        Assert.True(why is null, why);
    }
}

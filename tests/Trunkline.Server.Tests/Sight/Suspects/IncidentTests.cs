using Trunkline.Client.Api;
using Trunkline.Server.Sight.Suspects;

namespace Trunkline.Server.Tests.Sight.Suspects;

/// <summary>Incidents, message by message: who is to be named is named first, and nobody else is.</summary>
[Trait("speed", "slow")]
public sealed class IncidentTests
{
    private const int Seeds = 2;

    private static IEnumerable<Incident> All => Incidents.All.Concat(FurtherIncidents.All);

    public static TheoryData<string> Names => [.. All.Select(i => i.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_cause_is_named_first_and_nobody_who_has_nothing_to_do_with_it(string name)
    {
        var incident = All.Single(i => i.Name == name);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var world = new IncidentWorld(seed);
            incident.Happens(world);
            var suspects = SuspectFinder.Find(world.Run()).Suspects;
            var told = string.Join("; ", suspects.Select(s => $"{Named(s)}: {s.Evidence[0].Says}"));
            TestContext.Current.TestOutputHelper!.WriteLine($"RESULT|{name}|{seed}|{IsFirst(incident, suspects)}|{suspects.Count(s => !Knows(incident, s))}|{told}");
            Assert.True(IsFirst(incident, suspects), told);
            Assert.All(suspects, s => Assert.True(Knows(incident, s), told));
        }
    }

    /// <summary>Of several causes all stand before what follows from them; the two words for one cause are one.</summary>
    private static bool IsFirst(Incident incident, IReadOnlyList<SuspectView> suspects) =>
        incident.Causes.Length == 0 ? suspects.Count == 0 : suspects.Count > 0 && Is(incident.Causes, suspects[0]);

    private static bool Knows(Incident incident, SuspectView suspect) => Is(incident.Causes, suspect) || Is(incident.Follow, suspect);

    private static bool Is(string[] told, SuspectView suspect) => told.Contains(Named(suspect));

    private static string Named(SuspectView suspect) => $"{suspect.Hop} {suspect.Kind}{(suspect.Messages is { } which ? $", {which}" : "")}";
}

using System.Reflection;

namespace Trunkline.Testing.Conformance;

/// <summary>
/// The cases every broker is held to, numbered 1 to 53, and those a broker inside the process cannot be put through.
/// </summary>
internal static class ConformanceCases
{
    /// <summary>How many numbers there are.</summary>
    public const int Count = 53;

    /// <summary>All cases that run, by number.</summary>
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        .. from type in typeof(ConformanceCases).Assembly.GetTypes()
           where type.Namespace == $"{typeof(ConformanceCases).Namespace}.Cases"
           from method in type.GetMethods()
           let mark = method.GetCustomAttribute<CaseAttribute>()
           where mark is not null
           orderby mark.Number, method.Name
           select new ConformanceCase(mark.Number, method.Name, mark.Needs, method),
    ];

    /// <summary>Numbers without a case, and why.</summary>
    public static IReadOnlyDictionary<int, string> NotRun { get; } = new Dictionary<int, string>
    {
        [40] = "a broker inside the process has no connection that could be cut",
        [41] = "a broker inside the process has no connection that could be black-holed",
        [49] = "the port carries no credentials; a node checks tokens, which do not expire, in front of it (`GuardTests.Without_the_right_token_nothing_is_published`)",
    };
}

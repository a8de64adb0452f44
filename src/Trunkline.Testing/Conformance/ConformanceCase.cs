using System.Reflection;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Testing.Conformance;

/// <summary>One case: what it proves, what it needs, and how to run it.</summary>
/// <param name="Number">1 to 53.</param>
/// <param name="Name">Its method's name.</param>
/// <param name="Needs">What a broker must declare for it.</param>
/// <param name="Method">The method of a class that takes a <see cref="BrokerStand"/>.</param>
internal sealed record ConformanceCase(int Number, string Name, BrokerCapabilities Needs, MethodInfo Method)
{
    /// <summary>The name as a sentence.</summary>
    public string Sentence => Name.Replace('_', ' ');

    /// <summary>Runs it.</summary>
    public Task RunAsync(BrokerStand stand) => Method.CreateDelegate<Func<Task>>(Activator.CreateInstance(Method.DeclaringType!, stand))();
}

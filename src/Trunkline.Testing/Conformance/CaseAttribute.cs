using Trunkline.Messaging.Brokers;

namespace Trunkline.Testing.Conformance;

/// <summary>Marks a case of the suite; its method's name is the sentence it proves.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CaseAttribute(int number, BrokerCapabilities needs = BrokerCapabilities.None) : Attribute
{
    /// <summary>The number in the list of cases (<see cref="ConformanceCases"/>), 1 to 53; several methods may share one.</summary>
    public int Number { get; } = number;

    /// <summary>What the broker must declare for the case to run.</summary>
    public BrokerCapabilities Needs { get; } = needs;
}

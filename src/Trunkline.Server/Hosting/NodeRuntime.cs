using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Hosting;

/// <summary>
/// What runs behind the web application. Made after it, because it logs through it, and before it serves; filled once.
/// </summary>
internal sealed class NodeRuntime
{
    private IBroker? _broker;

    /// <summary>The open broker.</summary>
    public IBroker Broker
    {
        get => _broker ?? throw new InvalidOperationException("The broker is not open yet.");
        set => _broker = value;
    }

    /// <summary>True once there is a broker to close.</summary>
    public bool HasBroker => _broker is not null;
}

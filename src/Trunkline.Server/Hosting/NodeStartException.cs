using Trunkline.Core.Config;
using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Hosting;

/// <summary>The node could not start, for a reason its operator can mend. The message never holds a secret.</summary>
public sealed class NodeStartException : Exception
{
    private NodeStartException(int exit, string code, string message, Exception? inner)
        : base(message, inner)
    {
        Exit = exit;
        Code = code;
        Remedy = ErrorCatalog.Get(code).Remedy;
    }

    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Exit { get; }

    /// <summary>From the error catalogue.</summary>
    public string Code { get; }

    /// <summary>What to do.</summary>
    public string Remedy { get; }

    /// <summary>Every fault of the configuration; empty for other reasons.</summary>
    public IReadOnlyList<Fault> Faults { get; private init; } = [];

    internal static NodeStartException Of(IReadOnlyList<Fault> faults) =>
        new(ExitCode.Configuration, faults[0].Code, string.Join(Environment.NewLine, faults.Select(f => $"{f.Where}: {f.Message}")), null) { Faults = faults };

    internal static NodeStartException Of(BrokerException failure, string data) =>
        new(ExitCode.Refused, BrokerProblems.Code(failure.Code), failure.Code == BrokerErrorCode.StoreLocked ? $"Another process owns the store in {data}." : failure.Message, failure);

    internal static NodeStartException NotAtWork(string reason) =>
        new(ExitCode.Refused, ErrorCodes.NodeProjectNotAtWork, $"The project could not be put to work: {reason}", null);

    internal static NodeStartException AddressInUse(ListenAddress listen, Exception? inner = null) =>
        new(ExitCode.Refused, ErrorCodes.NodeAddressInUse, $"Nothing can listen on {listen.Host}:{listen.Port}: the address is taken.", inner);
}

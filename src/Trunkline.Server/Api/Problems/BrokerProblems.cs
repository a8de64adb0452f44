using Trunkline.Core.Errors;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Server.Api.Problems;

/// <summary>Which problem a refusal of the broker is.</summary>
internal static class BrokerProblems
{
    public static string Code(BrokerErrorCode code) => code switch
    {
        BrokerErrorCode.NotSupported => ErrorCodes.BrokerNotSupported,
        BrokerErrorCode.TopicNotFound => ErrorCodes.TopicNotFound,
        BrokerErrorCode.TopicConflict => ErrorCodes.TopicConflict,
        BrokerErrorCode.TopicNameInvalid => ErrorCodes.TopicNameInvalid,
        BrokerErrorCode.PartitionNotFound => ErrorCodes.TopicPartitionNotFound,
        BrokerErrorCode.GroupNotFound => ErrorCodes.GroupNotFound,
        BrokerErrorCode.MessageTooLarge => ErrorCodes.MessageTooLarge,
        BrokerErrorCode.Fenced => ErrorCodes.BrokerFenced,
        BrokerErrorCode.SequenceGap => ErrorCodes.BrokerSequenceGap,
        BrokerErrorCode.PositionInvalid => ErrorCodes.BrokerPositionInvalid,
        BrokerErrorCode.Overloaded => ErrorCodes.BrokerOverloaded,
        BrokerErrorCode.DiskFull => ErrorCodes.BrokerDiskFull,
        BrokerErrorCode.StoreDamaged => ErrorCodes.BrokerStoreDamaged,
        BrokerErrorCode.StoreFailed => ErrorCodes.BrokerStoreFailed,
        BrokerErrorCode.StoreLocked => ErrorCodes.BrokerStoreLocked,
        BrokerErrorCode.StoreNewer => ErrorCodes.BrokerStoreNewer,
        BrokerErrorCode.Closed => ErrorCodes.BrokerClosed,
        BrokerErrorCode.Unreachable => ErrorCodes.BrokerUnreachable,
        _ => ErrorCodes.RequestFailed,
    };

    public static ProblemException From(BrokerException failure) => new(Code(failure.Code), failure.Message, failure)
    {
        RetryAfter = failure.Code is BrokerErrorCode.Overloaded ? TimeSpan.FromSeconds(1) : null,
    };
}

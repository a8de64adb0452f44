using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Storage;

public class StoreErrorsTests
{
    [Theory]
    [InlineData("IO error: No space left on device: While appending to file: /x/000012.log: No space left on device", BrokerErrorCode.DiskFull)]
    [InlineData("IO error: While appending to file: /x/000012.log: Disk quota exceeded", BrokerErrorCode.DiskFull)]
    [InlineData("Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in /x/000011.sst offset 0 size 4", BrokerErrorCode.StoreDamaged)]
    [InlineData("Corruption: Corrupted blob: checksum mismatch", BrokerErrorCode.StoreDamaged)]
    [InlineData("IO error: While lock file: /x/LOCK: Resource temporarily unavailable", BrokerErrorCode.StoreLocked)]
    [InlineData("IO error: lock hold by current process, acquire time 1 acquiring thread 2: /x/LOCK: No locks available", BrokerErrorCode.StoreLocked)]
    [InlineData("IO error: While fsync: /x/000012.log: Input/output error", BrokerErrorCode.StoreFailed)]
    [InlineData("Shutdown in progress: ", BrokerErrorCode.Closed)]
    [InlineData("Aborted: ", BrokerErrorCode.StoreFailed)]
    public void A_native_status_has_its_code(string status, BrokerErrorCode code) => Assert.Equal(code, StoreErrors.Code(status));
}

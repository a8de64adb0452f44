using CsCheck;
using Trunkline.Brokers.Embedded.Memory;
using Trunkline.Messaging.Brokers;

namespace Trunkline.Brokers.Embedded.Tests.Differential;

/// <summary>
/// The same random operations on the memory broker, whose code is plain enough to be read as the model, and on the embedded one,
/// with restarts between: equal answers, refusals included, and equal contents.
/// </summary>
public class DifferentialTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_operations_have_equal_answers_on_both_brokers_with_restarts_between() =>
        await Operation.Any.Array[1, 40].SampleAsync(async operations =>
        {
            var folder = Directory.CreateTempSubdirectory("trunkline-differential-");
            try
            {
                await using var model = new Subject(() => Task.FromResult<IBroker>(new MemoryBroker(TimeProvider.System)), false, Stop);
                await using var store = new Subject(
                    async () => await EmbeddedBroker.OpenAsync(new EmbeddedBrokerOptions { Directory = folder.FullName }, Stop), true, Stop);
                await model.StartAsync();
                await store.StartAsync();
                foreach (var operation in operations)
                {
                    Assert.Equal($"{operation}: {await operation.RunAsync(model)}", $"{operation}: {await operation.RunAsync(store)}");
                }

                Assert.Equal(await model.DescribeAsync(), await store.DescribeAsync());
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }, iter: 60, threads: 2);
}

using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Trunkline.Kafka.Spike.Tests;

/// <summary>
/// librdkafka's mock cluster (rdkafka_mock.h), brokers on loopback inside this process. The library of that name is the one built
/// without SASL: the plain one wants libsasl2, which Debian 12 does not install.
/// </summary>
internal sealed class MockCluster : IDisposable
{
    private const string Library = "centos8-librdkafka";
    private const int ProducerType = 0;
    private const int ErrorLength = 512;

    private readonly nint _handle;
    private readonly nint _cluster;

    public MockCluster(int brokers)
    {
        var error = new byte[ErrorLength];
        _handle = New(ProducerType, NewConf(), error, ErrorLength);
        _cluster = _handle == 0 ? 0 : NewCluster(_handle, brokers);
        if (_cluster == 0)
        {
            throw new InvalidOperationException("librdkafka gave no mock cluster.");
        }

        // A real broker waits 3 s for more members; nothing here depends on it.
        RebalanceDelay(_cluster, 0);
        Bootstrap = Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;
    }

    public string Bootstrap { get; }

    public void CreateTopic(string name, int partitions) => Assert.Equal(0, CreateTopic(_cluster, name, partitions, 1));

    /// <summary>Answers the next requests of this kind (Kafka protocol, API key) with errors, in order.</summary>
    public void Refuse(short apiKey, params ErrorCode[] errors) => PushErrors(_cluster, apiKey, (nuint)errors.Length, [.. errors.Select(e => (int)e)]);

    public void Dispose()
    {
        Bounded.Run("destroying the mock cluster", () => DestroyCluster(_cluster));
        Bounded.Run("destroying the mock cluster's handle", () => Destroy(_handle));
    }

    [DllImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static extern nint NewConf();

    [DllImport(Library, EntryPoint = "rd_kafka_new")]
    private static extern nint New(int type, nint conf, byte[] error, nuint errorLength);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static extern nint NewCluster(nint handle, int brokers);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static extern nint Bootstraps(nint cluster);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_topic_create", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int CreateTopic(nint cluster, string topic, int partitions, int replication);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    private static extern void RebalanceDelay(nint cluster, int milliseconds);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static extern void PushErrors(nint cluster, short apiKey, nuint count, int[] errors);

    [DllImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static extern void DestroyCluster(nint cluster);

    [DllImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static extern void Destroy(nint handle);
}

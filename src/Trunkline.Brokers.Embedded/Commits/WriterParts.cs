using Microsoft.Extensions.Logging;
using Trunkline.Brokers.Embedded.Storage;
using Trunkline.Brokers.Embedded.Topics;
using Trunkline.Brokers.Embedded.Upkeep;

namespace Trunkline.Brokers.Embedded.Commits;

/// <summary>What the writer works with.</summary>
internal sealed record WriterParts(
    EmbeddedBrokerOptions Options, Store Store, Catalog Catalog, CommitQueue Queue, Deduplicator Dedupe, MarkKeeper Mark, DiskSpace Space, ILogger Logger);

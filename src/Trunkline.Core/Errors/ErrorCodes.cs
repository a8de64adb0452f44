namespace Trunkline.Core.Errors;

/// <summary>Codes of the catalogue that code refers to by name. Values never change.</summary>
public static class ErrorCodes
{
    /// <summary>A token is required.</summary>
    public const string AuthTokenMissing = "auth.token-missing";

    /// <summary>The token is not known.</summary>
    public const string AuthTokenInvalid = "auth.token-invalid";

    /// <summary><c>auth.ticket-invalid</c></summary>
    public const string AuthTicketInvalid = "auth.ticket-invalid";

    /// <summary>The token does not speak for that owner.</summary>
    public const string AuthOwnerOther = "auth.owner-other";

    /// <summary>The token lacks the scope.</summary>
    public const string AuthScopeMissing = "auth.scope-missing";

    /// <summary>The node may not listen beyond loopback without tokens.</summary>
    public const string AuthRequiredBeyondLoopback = "auth.required-beyond-loopback";

    /// <summary>An argument is not valid.</summary>
    public const string ConfigArgumentInvalid = "config.argument-invalid";

    /// <summary>The listen address is not valid.</summary>
    public const string ConfigListenInvalid = "config.listen-invalid";

    /// <summary>The listen address is taken.</summary>
    public const string NodeAddressInUse = "node.address-in-use";

    /// <summary>The project could not be put to work.</summary>
    public const string NodeProjectNotAtWork = "node.project-not-at-work";

    /// <summary>The node failed inside.</summary>
    public const string NodeFailed = "node.failed";

    /// <summary>A webhook is not signed, or wrongly.</summary>
    public const string HookSignatureInvalid = "hook.signature-invalid";

    /// <summary>A webhook was signed too long ago.</summary>
    public const string HookStale = "hook.stale";

    /// <summary>The Host of the request is not this node's.</summary>
    public const string RequestHostUnknown = "request.host-unknown";

    /// <summary>A write from another web site is refused.</summary>
    public const string RequestCrossSite = "request.cross-site";

    /// <summary>The request is larger than the node takes.</summary>
    public const string RequestTooLarge = "request.too-large";

    /// <summary>The content type is not one the node takes here.</summary>
    public const string RequestTypeUnsupported = "request.type-unsupported";

    /// <summary>Compressed requests are not taken.</summary>
    public const string RequestEncodingUnsupported = "request.encoding-unsupported";

    /// <summary>Only UTF-8 is taken.</summary>
    public const string RequestCharsetUnsupported = "request.charset-unsupported";

    /// <summary>A parameter is missing or not valid.</summary>
    public const string RequestParameterInvalid = "request.parameter-invalid";

    /// <summary>A header is not valid.</summary>
    public const string RequestHeaderInvalid = "request.header-invalid";

    /// <summary>The request body is not what this address takes.</summary>
    public const string RequestBodyInvalid = "request.body-invalid";

    /// <summary>The request is not valid HTTP.</summary>
    public const string RequestMalformed = "request.malformed";

    /// <summary>The request came too slowly.</summary>
    public const string RequestTimeout = "request.timeout";

    /// <summary>There is nothing at this address.</summary>
    public const string RequestNotFound = "request.not-found";

    /// <summary>The method is not taken here.</summary>
    public const string RequestMethodNotAllowed = "request.method-not-allowed";

    /// <summary>The node failed inside.</summary>
    public const string RequestFailed = "request.failed";

    /// <summary>The JSON is broken.</summary>
    public const string JsonInvalid = "json.invalid";

    /// <summary>The JSON is nested too deep.</summary>
    public const string JsonTooDeep = "json.too-deep";

    /// <summary>The text is not valid UTF-8.</summary>
    public const string JsonNotUtf8 = "json.not-utf8";

    /// <summary>The CloudEvent is not valid.</summary>
    public const string EventInvalid = "event.invalid";

    /// <summary>The request holds no message.</summary>
    public const string EventBatchEmpty = "event.batch-empty";

    /// <summary>The request holds too many messages.</summary>
    public const string EventBatchTooMany = "event.batch-too-many";

    /// <summary>A schema that was sent cannot be used.</summary>
    public const string SchemaInvalid = "contract.schema-invalid";

    /// <summary>Recorded messages would fail.</summary>
    public const string ContractReplayFailed = "contract.replay-failed";

    /// <summary>A field of what a flow sends would be gone or have another type.</summary>
    public const string ContractReplayReshaped = "contract.replay-reshaped";

    /// <summary>Of recorded messages it cannot be told what would become of them.</summary>
    public const string ContractReplayUndecided = "contract.replay-undecided";

    /// <summary>A document cannot be compared.</summary>
    public const string ContractDocumentInvalid = "contract.document-invalid";

    /// <summary>What a document promised is removed: an operation, path or channel.</summary>
    public const string ContractOperationRemoved = "contract.operation-removed";

    /// <summary>A request needs a parameter that it did not need.</summary>
    public const string ContractParameterRequired = "contract.parameter-required";

    /// <summary>Requests or messages are refused that were taken.</summary>
    public const string ContractRequestNarrowed = "contract.request-narrowed";

    /// <summary>An answer that a document promised is removed.</summary>
    public const string ContractResponseRemoved = "contract.response-removed";

    /// <summary>Answers or messages may hold what they could not.</summary>
    public const string ContractResponseWidened = "contract.response-widened";

    /// <summary>Credentials that were enough are not enough any more.</summary>
    public const string ContractSecurityAdded = "contract.security-added";

    /// <summary>Somebody reads a topic whose last day has passed.</summary>
    public const string ContractSunsetPassed = "contract.sunset-passed";

    /// <summary>A message cannot be read as the version a reader asks for.</summary>
    public const string ContractUnreadable = "contract.unreadable";

    /// <summary>A schema cannot follow the one before it.</summary>
    public const string ContractIncompatible = "contract.incompatible";

    /// <summary>A schema has a field no more that somebody reads.</summary>
    public const string ContractFieldRemoved = "contract.field-removed";

    /// <summary>A schema gives a field that somebody reads another type.</summary>
    public const string ContractFieldRetyped = "contract.field-retyped";

    /// <summary>A field that somebody reads may be missing or null from a schema on.</summary>
    public const string ContractFieldMayBeMissing = "contract.field-may-be-missing";

    /// <summary>Somebody reads a field that the schema does not have.</summary>
    public const string ContractFieldNotPromised = "contract.field-not-promised";

    /// <summary>A message does not fit the schema of its topic.</summary>
    public const string ContractViolated = "contract.violated";

    /// <summary>There is no such topic.</summary>
    public const string TopicNotFound = "topic.not-found";

    /// <summary>The topic exists with other settings.</summary>
    public const string TopicConflict = "topic.conflict";

    /// <summary>The topic name is not valid.</summary>
    public const string TopicNameInvalid = "topic.name-invalid";

    /// <summary>Topics under 'trunkline.' are the node's own.</summary>
    public const string TopicInternal = "topic.internal";

    /// <summary>There is no such partition.</summary>
    public const string TopicPartitionNotFound = "topic.partition-not-found";

    /// <summary>A message exceeds the topic's bound.</summary>
    public const string MessageTooLarge = "message.too-large";

    /// <summary>A key is too long.</summary>
    public const string MessageKeyTooLong = "message.key-too-long";

    /// <summary>The cursor is not one of this node's.</summary>
    public const string CursorInvalid = "cursor.invalid";

    /// <summary>There is no such group.</summary>
    public const string GroupNotFound = "group.not-found";

    /// <summary>The group name is not valid.</summary>
    public const string GroupNameInvalid = "group.name-invalid";

    /// <summary>Groups under 'flow.' belong to flows.</summary>
    public const string GroupReserved = "group.reserved";

    /// <summary>The lease is not one of this node's.</summary>
    public const string LeaseInvalid = "lease.invalid";

    /// <summary>The flow's code threw instead of answering.</summary>
    public const string FlowStepThrew = "flow.step-threw";

    /// <summary>The flow met what no retry mends.</summary>
    public const string FlowFailed = "flow.failed";

    /// <summary>The failure policy stopped partitions of the flow.</summary>
    public const string FlowStopped = "flow.stopped";

    /// <summary>The flow waits for the broker.</summary>
    public const string FlowWaiting = "flow.waiting";

    /// <summary>No such dead letter.</summary>
    public const string DeadNotFound = "dead.not-found";

    /// <summary>No such redrive.</summary>
    public const string RedriveNotFound = "redrive.not-found";

    /// <summary>A redrive of the flow runs already.</summary>
    public const string RedriveRunning = "redrive.running";

    /// <summary>No such flow.</summary>
    public const string FlowNotFound = "flow.not-found";

    /// <summary>No alert, or no silence, of that id.</summary>
    public const string AlertNotFound = "alert.not-found";

    /// <summary>Alerts cannot be silenced so.</summary>
    public const string SilenceInvalid = "alert.silence-invalid";

    /// <summary>A fault cannot be injected so.</summary>
    public const string FaultInvalid = "fault.invalid";

    /// <summary>The project has no such model, and no answer of one is recorded.</summary>
    public const string ModelNotFound = "model.not-found";

    /// <summary>There is no injected fault of that id.</summary>
    public const string FaultNotFound = "fault.not-found";

    /// <summary>Too many replays run already.</summary>
    public const string ReplayBusy = "replay.busy";

    /// <summary>There is no replay of that id.</summary>
    public const string ReplayNotFound = "replay.not-found";

    /// <summary>Messages cannot be run again so.</summary>
    public const string ReplayNotPossible = "replay.not-possible";

    /// <summary>A comparison is running already.</summary>
    public const string ComparisonBusy = "comparison.busy";

    /// <summary>The flow cannot be compared.</summary>
    public const string ComparisonNotPossible = "comparison.not-possible";

    /// <summary>The comparison took too long.</summary>
    public const string ComparisonTimeUp = "comparison.time-up";

    /// <summary>The backup cannot go there.</summary>
    public const string BackupDirectoryInvalid = "backup.directory-invalid";

    /// <summary>The broker cannot do this.</summary>
    public const string BrokerNotSupported = "broker.not-supported";

    /// <summary>Another owner has taken over.</summary>
    public const string BrokerFenced = "broker.fenced";

    /// <summary>A producer sequence skipped numbers.</summary>
    public const string BrokerSequenceGap = "broker.sequence-gap";

    /// <summary>The position is not valid.</summary>
    public const string BrokerPositionInvalid = "broker.position-invalid";

    /// <summary>Too much is queued.</summary>
    public const string BrokerOverloaded = "broker.overloaded";

    /// <summary>The disk is full; nothing was stored.</summary>
    public const string BrokerDiskFull = "broker.disk-full";

    /// <summary>Stored data is damaged.</summary>
    public const string BrokerStoreDamaged = "broker.store-damaged";

    /// <summary>A write to the disk failed earlier; nothing is accepted.</summary>
    public const string BrokerStoreFailed = "broker.store-failed";

    /// <summary>Another process owns the store.</summary>
    public const string BrokerStoreLocked = "broker.store-locked";

    /// <summary>The store was written by a newer version.</summary>
    public const string BrokerStoreNewer = "broker.store-newer";

    /// <summary>The node is stopping.</summary>
    public const string BrokerClosed = "broker.closed";

    /// <summary>The broker cannot be reached.</summary>
    public const string BrokerUnreachable = "broker.unreachable";

    /// <summary>The broker kind is not known.</summary>
    public const string BrokerKindUnknown = "broker.kind-unknown";

    /// <summary>The project has faults; nothing was changed.</summary>
    public const string ConfigFaults = "config.faults";

    /// <summary>Something speaks against the revision; nothing was changed.</summary>
    public const string ReleaseRefused = "release.refused";

    /// <summary>Another revision is in force than was expected; nothing was changed.</summary>
    public const string ReleaseConflict = "release.conflict";

    /// <summary>There is no such revision.</summary>
    public const string ReleaseNotFound = "release.not-found";

    /// <summary>The revision was made in code.</summary>
    public const string ReleaseMadeInCode = "release.made-in-code";

    /// <summary>The revision could not be put to work; what ran before goes on.</summary>
    public const string ReleaseFailed = "release.failed";

    /// <summary>Nothing is known of what became of the message.</summary>
    public const string OutcomeNotFound = "outcome.not-found";

    /// <summary>A fact is not one the node takes.</summary>
    public const string OutcomeFactInvalid = "outcome.fact-invalid";

    /// <summary>The erasure does not say what to erase.</summary>
    public const string ErasureInvalid = "erasure.invalid";

    /// <summary>There is no such erasure.</summary>
    public const string ErasureNotFound = "erasure.not-found";

    /// <summary>Another erasure is not done yet.</summary>
    public const string ErasureRunning = "erasure.running";

    /// <summary>Too many messages belong to what is to be erased.</summary>
    public const string ErasureTooLarge = "erasure.too-large";

    /// <summary>The broker cannot erase.</summary>
    public const string ErasureNotSupported = "erasure.not-supported";

    /// <summary>The change is not one the log takes.</summary>
    public const string ChangeInvalid = "change.invalid";

    /// <summary>The file cannot be read, is not UTF-8, or is too large.</summary>
    public const string ConfigFileUnreadable = "config.file-unreadable";

    /// <summary>More telemetry waits than is taken.</summary>
    public const string TelemetryOverloaded = "telemetry.overloaded";

    /// <summary>No such trace is kept.</summary>
    public const string TraceNotFound = "trace.not-found";

    /// <summary>No whole trace of the flow is kept.</summary>
    public const string PathNoTraces = "path.no-traces";
}

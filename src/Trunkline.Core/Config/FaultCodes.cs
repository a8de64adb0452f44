namespace Trunkline.Core.Config;

/// <summary>The stable codes of configuration faults, as the error catalogue lists them.</summary>
public static class FaultCodes
{
    /// <summary>The file is not YAML, or uses YAML that configuration files do not need (tags, several documents).</summary>
    public const string BrokenYaml = "config.broken-yaml";

    /// <summary>The file cannot be read, is not UTF-8, or is too large.</summary>
    public const string FileUnreadable = "config.file-unreadable";

    /// <summary>A bound on size, nesting, aliases or number of files is passed.</summary>
    public const string TooLarge = "config.too-large";

    /// <summary>An include names nothing, leaves the project's folder, or includes itself.</summary>
    public const string BadInclude = "config.bad-include";

    /// <summary>A key the grammar does not know.</summary>
    public const string UnknownKey = "config.unknown-key";

    /// <summary>A key or value of the grammar that this version does not bring yet.</summary>
    public const string NotYet = "config.not-yet";

    /// <summary>A reference to an SLO no flow has.</summary>
    public const string MissingSlo = "config.missing-slo";

    /// <summary>A key that must be there is not.</summary>
    public const string MissingKey = "config.missing-key";

    /// <summary>Two keys that exclude each other, or a key that does not belong to this kind.</summary>
    public const string KeyConflict = "config.key-conflict";

    /// <summary>A key or name written twice.</summary>
    public const string DuplicateName = "config.duplicate-name";

    /// <summary>A value of the wrong shape: a list where a text belongs, and so on.</summary>
    public const string WrongShape = "config.wrong-shape";

    /// <summary>A value out of range or of the wrong form.</summary>
    public const string BadValue = "config.bad-value";

    /// <summary>Not a duration.</summary>
    public const string BadDuration = "config.bad-duration";

    /// <summary>Not a size.</summary>
    public const string BadSize = "config.bad-size";

    /// <summary>Not a range of durations.</summary>
    public const string BadRange = "config.bad-range";

    /// <summary>Not a usable URL.</summary>
    public const string BadUrl = "config.bad-url";

    /// <summary>A name that breaks the rules for names.</summary>
    public const string BadName = "config.bad-name";

    /// <summary>A variable that is not set and has no default.</summary>
    public const string VariableUnset = "config.variable-unset";

    /// <summary>A <c>${…}</c> that is not one of the known forms, or whose file cannot be read.</summary>
    public const string VariableInvalid = "config.variable-invalid";

    /// <summary>An expression that does not parse.</summary>
    public const string BadExpression = "config.bad-expression";

    /// <summary>A topic that is not defined.</summary>
    public const string MissingTopic = "config.missing-topic";

    /// <summary>A model that is not defined.</summary>
    public const string MissingModel = "config.missing-model";

    /// <summary>A timer is cancelled that no step of the flow sets.</summary>
    public const string MissingTimer = "config.missing-timer";

    /// <summary>A flow that is not defined.</summary>
    public const string MissingFlow = "config.missing-flow";

    /// <summary>An owner that is not defined.</summary>
    public const string MissingOwner = "config.missing-owner";

    /// <summary>A receiver of alerts that is not defined.</summary>
    public const string MissingReceiver = "config.missing-receiver";

    /// <summary>A file the project needs is not there.</summary>
    public const string MissingFile = "config.missing-file";

    /// <summary>A topic Trunkline keeps for itself.</summary>
    public const string InternalTopic = "config.internal-topic";

    /// <summary>Messages would go round for ever.</summary>
    public const string Cycle = "config.cycle";

    /// <summary>Two flows that would take messages from each other.</summary>
    public const string GroupConflict = "config.group-conflict";

    /// <summary>A branch no message can reach.</summary>
    public const string UnreachableBranch = "config.unreachable-branch";

    /// <summary>A private or link-local address that is not allowed.</summary>
    public const string AddressRefused = "config.address-refused";

    /// <summary>A flow's tries may take longer than its SLO allows.</summary>
    public const string ImpossibleSlo = "config.impossible-slo";

    /// <summary>Something the project's own policies ask for is missing.</summary>
    public const string Policy = "config.policy";

    /// <summary>The node would listen beyond loopback without tokens.</summary>
    public const string AuthRequired = "auth.required-beyond-loopback";
}

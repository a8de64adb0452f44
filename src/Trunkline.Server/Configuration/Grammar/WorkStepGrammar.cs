using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The steps that ask others, take apart and put together: <c>enrich</c>, <c>redact</c>, <c>split</c>, <c>batch</c>, <c>join</c>, <c>throttle</c>, <c>exec</c>.</summary>
internal static class WorkStepGrammar
{
    public static readonly GrammarKey<string> Url = new(
        "url", Values.FixedHostTemplate, "Its address, a template over `message` and `meta`; values are escaped for URLs. Scheme and host must be written out.")
    { Required = true };

    public static readonly GrammarKey<string> EnrichOutput = new("output", Values.Field, "Field of the body the answer is put into.") { Required = true };
    public static readonly GrammarKey<string> Body = new("body", Scalars.Expression, "What is posted, as JSON.") { Default = "nothing: the address is asked with GET" };
    public static readonly GrammarKey<string> Token = new("token", Scalars.Secret, "Bearer token, best as `${VAR}` or `${file:/path}`.");

    public static readonly GrammarKey<TimeSpan> EnrichTimeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), "Bound on one call.")
    { Default = "5s" };

    public static readonly GrammarKey<bool> Missing = new(
        "missing", new ChoiceType<bool>(("null", false), ("fail", true)), "A 404: `null` puts null into the field, `fail` makes the message a dead letter.")
    { Default = "`null`" };

    public static readonly ObjectType EnrichType = new(
        "enrich",
        "Asks an HTTP service and puts the JSON it answers, at most 1 MiB, into the body. At most 16 calls at once, fewer while it is slow; after five failures in a row it rests.",
        Url,
        EnrichOutput,
        Body,
        Token,
        EnrichTimeout,
        Missing);

    public static readonly GrammarKey<IReadOnlyList<Located<RedactKind>>> Kinds = new(
        "kinds",
        new ListType<RedactKind>(new ChoiceType<RedactKind>(("mail", RedactKind.Mail), ("phone", RedactKind.Phone), ("card", RedactKind.Card))) { AllowSingle = true },
        "What is found by its form: mail addresses, phone numbers, payment cards with a right check digit.")
    { Default = "all three" };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Fields = new(
        "fields", new ListType<string>(Values.Field) { AllowSingle = true, ItemsMin = 1 }, "Fields of the body that are looked at, with all they hold.")
    { Default = "all" };

    public static readonly GrammarKey<string> NamesBy = new(
        "names", Values.Name, "A model that finds names of people: it is asked the texts, and answers a list of names, or an object with one under `names`. It sees what the other kinds left.")
    { Default = "names stay" };

    public static readonly GrammarKey<string> With = new("with", Scalars.Text, "What stands in place; `{kind}` becomes mail, phone, card or name.") { Default = "`[{kind}]`" };

    public static readonly ObjectType RedactType = new(
        "redact", "Takes personal data out of the texts of the body, wherever they stand; names of fields stay. What came in is kept as it was in its topic and in dead letters.", Kinds, Fields, NamesBy, With);

    public static readonly GrammarKey<string> List = new("list", Scalars.Expression, "The list, such as `message.items`.") { Required = true };
    public static readonly GrammarKey<int> SplitMax = new("max", Scalars.WholeNumber(1, 10_000), "The most elements; a longer list is a dead letter.") { Default = "1000" };

    public static readonly ObjectType SplitType = new(
        "split", "Each element of a list goes through the steps that follow as a message of its own, with the key of the one it came from. All are committed together, or none.", List, SplitMax)
    { Shorthand = List };

    public static readonly GrammarKey<int> Size = new("size", Scalars.WholeNumber(2, 1_000), "How many bodies at most.") { Required = true };

    public static readonly GrammarKey<TimeSpan> Within = new(
        "within", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(365)), "How long the first waits at most.")
    { Required = true };

    public static readonly ObjectType BatchType = new(
        "batch",
        "Bodies of a key wait, as the key's state, until there are `size`, or they fill its 64 KiB, or the first has waited long enough; then their list goes on as one body. "
        + "A message that waits counts as filtered here.",
        Size,
        Within);

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Of = new("of", new ListType<string>(Values.Field) { ItemsMin = 2, ItemsMax = 16 }, "The sorts; the fields of the body they become.") { Required = true };
    public static readonly GrammarKey<string> By = new("by", Scalars.Expression, "The sort of a message, such as `message.type`. Another than those of `of` is a dead letter.") { Required = true };

    public static readonly GrammarKey<bool> JoinMissing = new(
        "missing", new ChoiceType<bool>(("go-on", true), ("end", false)), "When the time is over: what came goes on, with null for what is missing, or it ends here, counted as filtered.")
    { Default = "`go-on`" };

    public static readonly ObjectType JoinType = new(
        "join",
        "Messages of a key, one of each sort, go on together as one body, `{ order: …, payment: … }`. Until then they wait as the key's state, 64 KiB of JSON. A sort that comes again takes the place of the one before.",
        Of,
        By,
        Within,
        JoinMissing);

    public static readonly GrammarKey<int> Messages = new("messages", Scalars.WholeNumber(1, 1_000_000), "How many messages.") { Required = true };

    public static readonly GrammarKey<TimeSpan> Per = new(
        "per", Scalars.Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)), "In how long; they come evenly over it.")
    { Default = "1s" };

    public static readonly GrammarKey<ThrottleShare> Each = new(
        "each", new ChoiceType<ThrottleShare>(("all", ThrottleShare.All), ("tenant", ThrottleShare.Tenant), ("key", ThrottleShare.Key)), "Who shares the rate: all messages, those of a tenant, those of a key.")
    { Default = "`all`" };

    public static readonly ObjectType ThrottleType = new(
        "throttle",
        "Lets so many messages through in a time. The others wait without using up tries; one that waits long gives its lane back, and the steps before this one run again. Put it first. "
        + "The rate is that of this node, and begins anew with it.",
        Messages,
        Per,
        Each)
    { Shorthand = Messages };

    public static readonly GrammarKey<IReadOnlyList<Located<string>>> Command = new(
        "command", new ListType<string>(Scalars.Text) { AllowSingle = true, ItemsMin = 1, ItemsMax = 128 }, "Program and arguments, such as `[python3, classify.py]`. No shell is in between.")
    { Required = true };

    public static readonly GrammarKey<string> ExecOutput = new("output", Values.Field, "Field of the body that gets what it prints.") { Default = "the whole body" };

    public static readonly GrammarKey<TimeSpan> ExecTimeout = new(
        "timeout", Scalars.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)), "Bound on one message; past it the program and all it started are killed.")
    { Default = "10s" };

    public static readonly GrammarKey<long> Memory = new("memory", Scalars.Size(1024 * 1024, 1L << 40), "What it may hold in memory with all it starts.") { Default = "512MiB" };
    public static readonly GrammarKey<int> Processes = new("processes", Scalars.WholeNumber(1, 10_000), "Processes it may be, itself included.") { Default = "32" };

    public static readonly GrammarKey<int> Pool = new(
        "pool", Scalars.WholeNumber(1, 256), "So many programs stay, each takes one line of JSON a message and answers with one line.")
    { Default = "a program for each message" };

    public static readonly GrammarKey<IReadOnlyList<Named<string>>> Env = new(
        "env", new MapType<string>("variable", name => EnvProblem(name), "^[A-Za-z_][A-Za-z0-9_]*$", Scalars.Secret), "Variables it sees besides PATH, HOME, LANG and TZ. Those of the node stay with the node.");

    public static readonly GrammarKey<bool> Stderr = new(
        "stderr", new ChoiceType<bool>(("ignore", false), ("log", true)), "What it writes there: `log` writes the first 4 KiB to the node's console, where it may show what messages say; it is neither kept in the log nor sent to a collector.")
    { Default = "`ignore`" };

    public static readonly ObjectType ExecType = new(
        "exec",
        "A program gets the body as JSON on its standard input and prints JSON, at most 1 MiB. Exit 0: done; 65: the message is at fault, a dead letter; any other: tried again. "
        + "It runs in the project's folder. Past a bound it is killed with all it started.",
        Command,
        ExecOutput,
        ExecTimeout,
        Memory,
        Processes,
        Pool,
        Env,
        Stderr);

    public static readonly GrammarKey<ObjectValues> Enrich = new("enrich", EnrichType, "Asks an HTTP service.");
    public static readonly GrammarKey<ObjectValues> Redact = new("redact", RedactType, "Takes personal data out.");
    public static readonly GrammarKey<ObjectValues> Split = new("split", SplitType, "Makes a message of each element of a list.");
    public static readonly GrammarKey<ObjectValues> Batch = new("batch", BatchType, "Puts messages of a key together.");
    public static readonly GrammarKey<ObjectValues> Join = new("join", JoinType, "Puts messages of different sorts together.");
    public static readonly GrammarKey<ObjectValues> Throttle = new("throttle", ThrottleType, "Lets so many messages through in a time.");
    public static readonly GrammarKey<ObjectValues> Exec = new("exec", ExecType, "Runs a program.");

    private static string? EnvProblem(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? null : "letters, digits and underscores, no digit first";
}

using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>The steps that remember something for a key.</summary>
internal static class StateGrammar
{
    public static readonly GrammarKey<string> Update = new("update", Scalars.Expression, "What is remembered from now on, over `message`, `meta` and `state` (what was remembered, else null). Null forgets it.") { Required = true };
    public static readonly GrammarKey<string> Output = new("output", Values.Field, "Field of the body that also gets it.") { Default = "none" };

    public static readonly GrammarKey<TimeSpan> Expire = new(
        "expire", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)), "How long after the message that wrote it it is forgotten.")
    { Default = "never" };

    public static readonly ObjectType StateType = new(
        "state", "Remembers a JSON value of up to 64 KiB for the message's key, in the same commit as the message's outputs. A message without key fails.", Update, Output, Expire)
    { Shorthand = Update };

    public static readonly GrammarKey<string> As = new("as", Values.Name, "The timer to set, or to move if it is running. When it is due, its message runs the steps after this one.");

    public static readonly GrammarKey<TimeSpan> After = new(
        "after", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)), "With `as`: how long after the message it is due.");

    public static readonly GrammarKey<string> Cancel = new("cancel", Values.Name, "The timer to stop; nothing happens if it is not running.");
    public static readonly GrammarKey<string> When = new("when", Scalars.Expression, "Only for messages this is true for.") { Default = "always" };

    public static readonly ObjectType TimerType = new(
        "timer", "Sets, moves or cancels a timer of the message's key; a key may have 16. Exactly one of as and cancel.", As, After, Cancel, When)
    { OneOf = [As, Cancel] };
}

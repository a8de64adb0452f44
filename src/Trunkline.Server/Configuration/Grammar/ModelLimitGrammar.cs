using System.Globalization;
using System.Text.Json.Nodes;
using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;

namespace Trunkline.Server.Configuration.Grammar;

/// <summary>What bounds the calls of a model: <c>concurrency</c>, <c>budget</c> and <c>price</c>.</summary>
internal static class ModelLimitGrammar
{
    public const int ConcurrencyMax = 10_000;

    /// <summary>An amount of money.</summary>
    public static readonly ScalarType<decimal> Amount = new(
        "amount, such as `0.15`",
        FaultCodes.BadValue,
        (text, _) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= 1_000_000_000
            ? new ScalarReading<decimal>(amount)
            : new ScalarReading<decimal>(0, "an amount from 0 to 1000000000, with a point for decimals"))
    {
        Form = () => new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1_000_000_000 },
    };

    public static readonly GrammarKey<int> Max = new("max", Scalars.WholeNumber(1, ConcurrencyMax), "The most calls at once.") { Default = "256" };

    public static readonly GrammarKey<int> Min = new(
        "min", Scalars.WholeNumber(1, ConcurrencyMax), "The floor: so many calls run at once however slow the model is.")
    { Default = "1" };

    public static readonly GrammarKey<int> Start = new("start", Scalars.WholeNumber(1, ConcurrencyMax), "Calls at once before anything is known of the model.") { Default = "16" };

    public static readonly GrammarKey<int> Queue = new(
        "queue", Scalars.WholeNumber(1, 100_000), "With `overload: shed`, how many messages of the highest priority may wait; of lower ones fewer.")
    { Default = "100" };

    public static readonly ObjectType ConcurrencyType = new(
        "concurrency",
        "How many calls run at once. Between the bounds the node finds out how many the model answers without becoming slow.",
        Max,
        Min,
        Start,
        Queue)
    { Shorthand = Max };

    public static readonly GrammarKey<int> Calls = new("calls", Scalars.WholeNumber(1, int.MaxValue), "Calls.");
    public static readonly GrammarKey<int> Tokens = new("tokens", Scalars.WholeNumber(1, int.MaxValue), "Tokens, read and written together.");
    public static readonly GrammarKey<decimal> Money = new("money", Amount, "Money, in the currency of `price`.");

    public static readonly GrammarKey<TimeSpan> Per = new(
        "per", Scalars.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(366)), "The window. Windows follow each other without gap; one of `1d` begins at midnight UTC.")
    { Required = true };

    public static readonly GrammarKey<bool> Each = new(
        "each", new ChoiceType<bool>(("tenant", true)), "`tenant`: every tenant has it for itself.")
    { Default = "all share it" };

    public static readonly ObjectType BudgetType = new(
        "budget", "What calls may use up in a window. The most a call may use is reserved before it, so the budget is never passed.", Calls, Tokens, Money, Per, Each);

    public static readonly GrammarKey<decimal> Input = new("input", Amount, "A million tokens read.") { Default = "0" };
    public static readonly GrammarKey<decimal> Output = new("output", Amount, "A million tokens written.") { Default = "0" };
    public static readonly GrammarKey<decimal> Call = new("call", Amount, "One call.") { Default = "0" };
    public static readonly ObjectType PriceType = new("price", "What calls cost, in a currency of your choice.", Input, Output, Call);

    public static readonly GrammarKey<ObjectValues> Concurrency = new("concurrency", ConcurrencyType, "How many calls run at once.")
    { Default = "found out, for models that are called over the network" };

    public static readonly GrammarKey<IReadOnlyList<Located<ObjectValues>>> Budget = new(
        "budget", new ListType<ObjectValues>(BudgetType) { AllowSingle = true, ItemsMin = 1, ItemsMax = 10 }, "What its calls may use up; all of several hold.")
    { Default = "none" };

    public static readonly GrammarKey<ObjectValues> Price = new("price", PriceType, "What its calls cost.") { Default = "nothing" };
}

using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Core.Limits;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads what bounds the calls of a model.</summary>
internal static class ModelLimitReader
{
    public static ModelLimitsConfig Read(ObjectValues model, bool isLocal, ProjectScope scope)
    {
        var budgets = (model.Get(ModelLimitGrammar.Budget) ?? []).Select(b => ReadBudget(b.Value, scope)).ToArray();
        if (!isLocal && !model.Has(ModelGrammar.MaxTokens) && budgets.Any(b => b.Tokens is not null || b.Money is not null))
        {
            scope.Faults.Add(
                model.WhereOf(ModelLimitGrammar.Budget),
                FaultCodes.MissingKey,
                $"{model.Path} has a budget of tokens or money, but no 'maxTokens': nobody can tell beforehand what a call may use.",
                "Add maxTokens: the most tokens an answer may have.");
        }

        return new ModelLimitsConfig
        {
            Concurrency = model.Get(ModelLimitGrammar.Concurrency) is { } concurrency ? ReadConcurrency(concurrency, scope) : null,
            Budgets = budgets,
            Price = model.Get(ModelLimitGrammar.Price) is { } price
                ? new PriceConfig(price.Get(ModelLimitGrammar.Input), price.Get(ModelLimitGrammar.Output), price.Get(ModelLimitGrammar.Call))
                : new PriceConfig(0, 0, 0),
        };
    }

    private static ConcurrencySettings ReadConcurrency(ObjectValues values, ProjectScope scope)
    {
        var defaults = new ConcurrencySettings();
        var max = values.Get(ModelLimitGrammar.Max, Math.Max(defaults.Max, values.Get(ModelLimitGrammar.Min, 1)));
        var min = values.Get(ModelLimitGrammar.Min, defaults.Min);
        if (min > max)
        {
            scope.Faults.Add(
                values.WhereOf(ModelLimitGrammar.Min), FaultCodes.BadValue, FormattableString.Invariant($"{values.Path}.min is {min}, above its max of {max}."), "Write a min of at most max.");
        }

        return new ConcurrencySettings
        {
            Min = Math.Min(min, max),
            Max = max,
            Start = values.Get(ModelLimitGrammar.Start, defaults.Start),
            Queue = values.Get(ModelLimitGrammar.Queue, defaults.Queue),
        };
    }

    private static BudgetSettings ReadBudget(ObjectValues values, ProjectScope scope)
    {
        if (!values.Has(ModelLimitGrammar.Calls) && !values.Has(ModelLimitGrammar.Tokens) && !values.Has(ModelLimitGrammar.Money))
        {
            scope.Faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} bounds nothing.", "Add calls, tokens or money.");
        }

        // A faulty or missing window is told already; a day keeps what follows from dividing by zero.
        return new BudgetSettings
        {
            Calls = values.Has(ModelLimitGrammar.Calls) ? values.Get(ModelLimitGrammar.Calls) : null,
            Tokens = values.Has(ModelLimitGrammar.Tokens) ? values.Get(ModelLimitGrammar.Tokens) : null,
            Money = values.Has(ModelLimitGrammar.Money) ? values.Get(ModelLimitGrammar.Money) : null,
            Per = values.Get(ModelLimitGrammar.Per, TimeSpan.FromDays(1)),
            EachTenant = values.Get(ModelLimitGrammar.Each),
        };
    }
}

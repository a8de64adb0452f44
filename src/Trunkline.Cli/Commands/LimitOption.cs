using System.CommandLine;

namespace Trunkline.Cli.Commands;

/// <summary><c>--limit</c>: 1 to 1000, as the API takes it.</summary>
internal static class LimitOption
{
    public static Option<int> Create(int standard, int max = 1000)
    {
        var option = new Option<int>("--limit")
        {
            Description = $"Most to show, 1 to {max}.",
            HelpName = "count",
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out var limit) || limit < 1 || limit > max))
            {
                result.AddError($"--limit is a number from 1 to {max}.");
            }
        });
        return option;
    }
}

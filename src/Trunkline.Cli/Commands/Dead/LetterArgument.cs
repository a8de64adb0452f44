using System.CommandLine;
using System.Globalization;

namespace Trunkline.Cli.Commands.Dead;

/// <summary>Names one dead letter: its flow, and <c>partition/offset</c> as the list shows it.</summary>
internal static class LetterArgument
{
    public static Argument<string> Flow() => new("flow") { Description = "The flow." };

    public static Argument<(int Partition, long Offset)?> Place(bool isOptional) => new("dead-letter")
    {
        Description = "The dead letter: partition/offset, as 'trunkline dead list' shows it.",
        Arity = isOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return null;
            }

            var parts = result.Tokens[0].Value.Split('/');
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                return (partition, offset);
            }

            result.AddError("A dead letter is named by partition/offset, such as 0/12; 'trunkline dead list' shows it.");
            return null;
        },
    };
}

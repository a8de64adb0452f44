using System.Globalization;
using System.Text;

namespace Trunkline.Server.Traffic;

/// <summary>Names of fields and types as Avro and Protobuf have them.</summary>
internal static class ProposalNames
{
    /// <summary>A name as types are called.</summary>
    public static string TypeName(string name)
    {
        var text = new StringBuilder();
        foreach (var part in name.Split(['.', '-', '_', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(char.ToUpperInvariant(part[0])).Append(part.AsSpan(1));
        }

        return Identifier(text.ToString());
    }

    /// <summary>A name with letters, digits and underscores only.</summary>
    public static string Identifier(string name)
    {
        var text = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }

    /// <summary>A name that is not taken yet, and is from now on.</summary>
    /// <param name="taken">The names that are.</param>
    /// <param name="name">The name.</param>
    /// <param name="form">What names must differ in; null for themselves.</param>
    public static string Unique(HashSet<string> taken, string name, Func<string, string>? form = null)
    {
        for (var i = 1; ; i++)
        {
            var tried = i == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
            if (taken.Add(form is null ? tried : form(tried)))
            {
                return tried;
            }
        }
    }
}

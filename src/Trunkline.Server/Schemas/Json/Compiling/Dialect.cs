namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Which keywords a schema speaks.</summary>
/// <param name="Draft">The draft.</param>
/// <param name="Validation">False if its metaschema leaves the validation vocabulary out.</param>
/// <param name="FormatAssertion">True if its metaschema asks that formats are checked.</param>
/// <param name="Metaschema">The address of its own metaschema; null for those of the drafts.</param>
internal sealed record Dialect(Draft Draft, bool Validation = true, bool FormatAssertion = false, string? Metaschema = null)
{
    /// <summary>The name of the keyword that gives an address.</summary>
    public string IdKeyword => Draft == Draft.Four ? "id" : "$id";

    /// <summary>True if a reference hides its neighbours.</summary>
    public bool RefStandsAlone => Draft <= Draft.Seven;
}

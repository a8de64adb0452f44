namespace Trunkline.Server.Schemas.Json;

/// <summary>Drafts of JSON Schema that are understood, oldest first.</summary>
internal enum Draft
{
    Four,
    Six,
    Seven,
    Y2019,
    Y2020,
}

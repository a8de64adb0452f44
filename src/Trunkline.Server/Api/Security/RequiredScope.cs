using Microsoft.AspNetCore.Builder;
using Trunkline.Core.Security;

namespace Trunkline.Server.Api.Security;

/// <summary>Metadata of an endpoint: what a token must permit. Endpoints without it ask for read, and for admin if they write.</summary>
/// <param name="Scopes">The scopes; none for everyone.</param>
internal sealed record RequiredScope(Scopes Scopes);

/// <summary>Marks endpoints.</summary>
internal static class RequiredScopeExtensions
{
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Scopes scopes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredScope(scopes));
}

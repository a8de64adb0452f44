using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Trunkline.Core.Errors;
using Trunkline.Messaging;
using Trunkline.Server.Api.Problems;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Api.Live;

/// <summary>What a ticket permits.</summary>
/// <param name="Key">The key whose messages its holder gets.</param>
/// <param name="Expires">Until when.</param>
internal sealed record LiveTicket(MessageKey Key, DateTimeOffset Expires);

/// <summary>
/// Tickets: JWTs the application makes for one of its users, signed with the sink's secret (HS256): <c>sub</c> is the key, <c>aud</c> the path, <c>exp</c> the end. They travel in the query, because
/// browsers send no header with an event stream or a WebSocket, and so should last for minutes only. Thread-safe.
/// </summary>
internal sealed class LiveTickets(TimeProvider time)
{
    private const int LengthMax = 4096;
    private const int KeyLengthMax = 1024;

    // Clocks of two machines that keep time.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LengthMax, MapInboundClaims = false };

    /// <summary>The ticket a request shows; the problem is thrown if there is none, or it does not hold here.</summary>
    public async ValueTask<LiveTicket> ReadAsync(HttpContext context, IReadOnlyList<Secret> secrets, string path)
    {
        var text = context.Request.Query["ticket"] is [{ Length: > 0 and <= LengthMax } one] ? one : throw Invalid("The request has no ticket: ?ticket=…");
        var result = await _handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            // The algorithm is ours to say, never the ticket's.
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = secrets.Select(secret => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret.Value))),
            ValidateIssuer = false,
            ValidAudience = path,
            LifetimeValidator = (from, until, _, _) => until is { } end && time.GetUtcNow() < At(end) + Skew && (from is not { } begin || At(begin) - Skew <= time.GetUtcNow()),
        });

        // What exactly was wrong helps whoever forges one.
        return result is { IsValid: true, SecurityToken: JsonWebToken { Subject: { Length: > 0 and <= KeyLengthMax } key } token }
            ? new LiveTicket(MessageKey.FromText(key), At(token.ValidTo) + Skew)
            : throw Invalid("The ticket is not signed with the secret of this path for it, has no sub, or is past its exp.");
    }

    private static DateTimeOffset At(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    private static ProblemException Invalid(string detail) => new(ErrorCodes.AuthTicketInvalid, detail);
}

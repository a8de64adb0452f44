using Trunkline.Core.Security;
using Trunkline.Server.Configuration;

namespace Trunkline.Server.Api.Security;

/// <summary>The rules of invariant 9 as this node has them. Immutable.</summary>
/// <param name="Hosts">Which Host may be asked for.</param>
/// <param name="Origins">Which pages may write.</param>
/// <param name="Tokens">Who may do what.</param>
/// <param name="Sessions">What browsers show instead of a token.</param>
internal sealed record SecurityRules(HostRule Hosts, OriginRule Origins, TokenTable Tokens, SignInSessions Sessions)
{
    public static SecurityRules Of(NodeConfig node, string listenHost, TimeProvider time) => new(
        new HostRule(listenHost, node.Hosts),
        new OriginRule(node.Origins),
        new TokenTable(node.Auth.Select(t => (t.Name, t.Sha256, (IEnumerable<string>)t.Scopes, t.Owner, t.Expires)), time),
        new SignInSessions(time));
}

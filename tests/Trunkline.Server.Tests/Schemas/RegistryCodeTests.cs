using Trunkline.Server.Configuration;
using Trunkline.Testing.Nodes;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>A node that answers as Confluent's registry up to 8.1.</summary>
public sealed class RegistryCodeTests : RegistryTest
{
    [Fact]
    public async Task The_code_of_an_incompatible_schema_may_be_the_older_one()
    {
        await OkAsync(HttpMethod.Post, "subjects/mail/versions", Body(One));
        await RefusedAsync(HttpMethod.Post, "subjects/mail/versions", Body(Required), 409);
        await RefusedAsync(HttpMethod.Post, "subjects/mail/versions", Body("{"), 42201);
    }

    protected override InProcessNodeOptions Options() => base.Options() with { Project = new ProjectConfig { Node = new NodeConfig { RegistryIncompatibleCode = 409 } } };
}

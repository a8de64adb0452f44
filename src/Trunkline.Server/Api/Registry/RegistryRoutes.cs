using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Trunkline.Server.Hosting;
using Trunkline.Server.Schemas.Json;

namespace Trunkline.Server.Api.Registry;

/// <summary>The REST API of Confluent's Schema Registry, so that its clients work unchanged. Its contract is theirs, so it is not in our API document.</summary>
internal static class RegistryRoutes
{
    // A schema of the largest size, written as a JSON text.
    private const int RequestBytesMax = 2 * JsonSchemaOptions.SizeMax;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var incompatibleCode = routes.ServiceProvider.GetRequiredService<Node>().Project.Node.RegistryIncompatibleCode;
        foreach (var prefix in (string[])[RegistryAnswers.Path, RegistryAnswers.Path + "/contexts/{context}"])
        {
            var group = routes.MapGroup(prefix);
            group.AddEndpointFilter((context, next) => RegistryAnswers.FilterAsync(context, next, incompatibleCode)).WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax)).ExcludeFromDescription();
            SubjectRoutes.Map(group);
            SchemaRoutes.Map(group);
            SettingRoutes.Map(group);
        }
    }
}

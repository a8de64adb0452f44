using Trunkline.Server.Api.DeadLetters;
using Trunkline.Server.Api.Live;
using Trunkline.Server.Api.Otlp;
using Trunkline.Server.Api.Pacts;
using Trunkline.Server.Api.Registry;

namespace Trunkline.Server.Api;

/// <summary>Every endpoint of the API.</summary>
internal static class ApiRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        PublishEndpoint.Map(routes);
        BrowseEndpoint.Map(routes);
        StreamEndpoint.Map(routes);
        TopicEndpoints.Map(routes);
        GroupEndpoints.Map(routes);
        DeadLetterEndpoints.Map(routes);
        DeadLetterDeeds.Map(routes);
        RedriveEndpoints.Map(routes);
        FlowEndpoints.Map(routes);
        ParkedKeyEndpoints.Map(routes);
        OutcomeEndpoints.Map(routes);
        OutcomeListEndpoints.Map(routes);
        JourneyEndpoint.Map(routes);
        FidelityEndpoint.Map(routes);
        MapEndpoint.Map(routes);
        LogEndpoint.Map(routes);
        SloEndpoint.Map(routes);
        SloTestEndpoint.Map(routes);
        PromiseEndpoint.Map(routes);
        WhyEndpoint.Map(routes);
        AlertEndpoints.Map(routes);
        OtlpEndpoints.Map(routes);
        TraceEndpoints.Map(routes);
        PathEndpoint.Map(routes);
        ModelQualityEndpoint.Map(routes);
        ErasureEndpoints.Map(routes);
        StateEndpoints.Map(routes);
        OperateEndpoints.Map(routes);
        IntakeEndpoint.Map(routes);
        HookEndpoint.Map(routes);
        LiveEndpoint.Map(routes);
        SocketIntakeEndpoint.Map(routes);
        HealthEndpoints.Map(routes);
        SessionEndpoint.Map(routes);
        RevisionEndpoints.Map(routes);
        ComparisonEndpoint.Map(routes);
        FaultEndpoints.Map(routes);
        ReplayEndpoints.Map(routes);
        TapEndpoint.Map(routes);
        ChangeEndpoints.Map(routes);
        BackupEndpoint.Map(routes);
        RegistryRoutes.Map(routes);
        PactRoutes.Map(routes);
        ContractEndpoints.Map(routes);
        DriftEndpoints.Map(routes);
        CatalogEndpoints.Map(routes);
        SubjectEndpoints.Map(routes);
        ApiMetrics.Map(routes);
        ApiDocument.Map(routes);
    }
}

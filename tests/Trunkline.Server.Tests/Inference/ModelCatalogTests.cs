using Trunkline.Core.Security;
using Trunkline.Models;
using Trunkline.Server.Configuration;
using Trunkline.Server.Effects;
using Trunkline.Server.Inference;

namespace Trunkline.Server.Tests.Inference;

public sealed class ModelCatalogTests
{
    private static readonly ScriptedModel Own = new("1");

    [Fact]
    public async Task Revisions_with_equal_models_share_them_until_the_last_one_goes()
    {
        await using var catalog = Catalog();
        var first = catalog.Lease(Project(new ModelConfig { Name = "mood", Kind = "lexicon" }));
        var second = catalog.Lease(Project(new ModelConfig { Name = "mood", Kind = "lexicon", Where = new("elsewhere.yaml", 9) }));
        var other = catalog.Lease(Project(new ModelConfig { Name = "mood", Kind = "lexicon", Timeout = TimeSpan.FromSeconds(1) }));

        Assert.Equal(2, catalog.Count);
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal(2, catalog.Count);
        await second.DisposeAsync();
        Assert.Equal(1, catalog.Count);
        Assert.StartsWith("lexicon", other.Get("mood").Version, StringComparison.Ordinal);
        await other.DisposeAsync();
        Assert.Equal(0, catalog.Count);
    }

    [Fact]
    public async Task A_model_of_the_host_is_found_by_name_and_left_to_the_host()
    {
        await using (var catalog = Catalog())
        {
            await using var models = catalog.Lease(Project(new ModelConfig { Name = "own", Kind = "use" }));
            Assert.Equal("scripted@1", models.Get("own").Version);
        }

        Assert.False(Own.Disposed);
    }

    [Fact]
    public async Task A_model_that_cannot_be_made_refuses_the_revision_with_its_reason()
    {
        await using var catalog = Catalog();
        await using var missing = catalog.Lease(Project(new ModelConfig { Name = "x", Kind = "use" }));
        Assert.Contains("AddModel", Assert.Throws<InvalidModelException>(missing.Load).Message, StringComparison.Ordinal);

        await using var broken = catalog.Lease(Project(new ModelConfig { Name = "spam", Kind = "mlnet", Path = "/nowhere/spam.zip" }));
        Assert.Throws<InvalidModelException>(broken.Load);
    }

    [Fact]
    public async Task A_remote_model_at_a_private_address_is_not_called_unless_it_is_listed()
    {
        await using var catalog = Catalog();
        await using var models = catalog.Lease(Project(new ModelConfig
        {
            Name = "reply",
            Kind = "openai",
            Endpoint = new Uri("http://169.254.169.254/v1"),
            Model = "small",
        }));
        var failure = await Assert.ThrowsAsync<ModelException>(async () => await models.Get("reply").AnswerAsync(
            new EffectCall(EffectKind.Model, "reply", "k", "\"hi\""u8.ToArray()), TestContext.Current.CancellationToken));

        for (var inner = failure as Exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is OutgoingAddressException)
            {
                return;
            }
        }

        Assert.Fail($"The call failed for another reason: {failure}");
    }

    private static ModelCatalog Catalog() => new(new OutgoingAddressPolicy(), new Dictionary<string, IModel> { ["own"] = Own }, TimeProvider.System);

    private static ProjectConfig Project(ModelConfig model) => new() { Models = new Dictionary<string, ModelConfig> { [model.Name] = model } };
}

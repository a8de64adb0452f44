using System.Text.Json.Nodes;
using Trunkline.Server.Catalog;
using Trunkline.Server.Catalog.Comparing;
using Trunkline.Testing.Processes;

namespace Trunkline.Server.Tests.Catalog;

/// <summary>What breaks between two documents, rule by rule, and what does not.</summary>
public sealed class DocumentDiffTests
{
    private const string Open = """
        {"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{
          "/a/{id}":{"parameters":[{"name":"q","in":"query","schema":{"type":"integer"}}],
            "post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/in"}}}},
              "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/out"}}}},"400":{"description":"bad"}}},
            "get":{"responses":{"200":{"description":"ok"}}}},
          "/b":{"get":{"security":[{"token":["read"]}],"responses":{"200":{"description":"ok"}}}}},
         "components":{"securitySchemes":{"token":{"type":"http","scheme":"bearer"}},
          "schemas":{"in":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"n":{"type":"integer"},"tree":{"$ref":"#/components/schemas/in"}}},
           "out":{"type":"object","required":["state"],"properties":{"state":{"enum":["new","paid"]}},"additionalProperties":false}}}}
        """;

    private const string Events = """
        {"asyncapi":"3.0.0","info":{"title":"t","version":"1"},"channels":{"c":{"address":"orders","messages":{"m":{"$ref":"#/components/messages/m"},"a":{"payload":
          {"schemaFormat":"application/vnd.apache.avro;version=1.9.0","schema":{"type":"record","name":"R","fields":[{"name":"id","type":"int"}]}}}}}},
         "operations":{"in":{"action":"receive","channel":{"$ref":"#/channels/c"},"messages":[{"$ref":"#/channels/c/messages/m"}]},
          "out":{"action":"send","channel":{"$ref":"#/channels/c"},"messages":[{"$ref":"#/channels/c/messages/a"}]}},
         "components":{"messages":{"m":{"payload":{"$ref":"#/components/schemas/s"}}},"schemas":{"s":{"type":"object","properties":{"id":{"type":"string"}}}}}}
        """;

    [Theory]
    [InlineData("\"get\":{\"responses\":{\"200\":{\"description\":\"ok\"}}}},", "\"put\":{\"responses\":{}}},", "contract.operation-removed GET /a/{id}: the operation is removed")]
    [InlineData("\"/b\"", "\"/c\"", "contract.operation-removed GET /b: the path is removed")]
    [InlineData("\"in\":\"query\",", "\"in\":\"query\",\"required\":true,", "contract.parameter-required POST /a/{id}: the query parameter 'q' was optional and is required")]
    [InlineData("\"name\":\"q\"", "\"name\":\"p\",\"required\":true", "contract.parameter-required POST /a/{id}: the query parameter 'p' is new and required")]
    [InlineData("\"schema\":{\"type\":\"integer\"}}],", "\"schema\":{\"type\":\"integer\",\"maximum\":9}}],", "contract.request-narrowed POST /a/{id}: the query parameter 'q' is refused")]
    [InlineData("\"required\":[\"id\"]", "\"required\":[\"id\",\"n\"]", "contract.request-narrowed POST /a/{id}: the body as application/json is refused")]
    [InlineData("\"requestBody\":{", "\"requestBody\":{\"required\":true,", "contract.request-narrowed POST /a/{id}: the body was optional and is required")]
    [InlineData("\"requestBody\":{\"content\":{\"application/json\"", "\"requestBody\":{\"content\":{\"text/csv\"", "contract.request-narrowed POST /a/{id}: a body of type application/json is not taken")]
    [InlineData("\"responses\":{\"200\":{\"description\":\"ok\",\"content\"", "\"responses\":{\"201\":{\"description\":\"ok\",\"content\"", "contract.response-removed POST /a/{id}: the answer 200 is removed")]
    [InlineData("[\"new\",\"paid\"]", "[\"new\",\"paid\",\"lost\"]", "contract.response-widened POST /a/{id}: the answer 200 as application/json may hold")]
    [InlineData("\"required\":[\"state\"],", "", "contract.response-widened POST /a/{id}: the answer 200")]
    [InlineData("[{\"token\":[\"read\"]}]", "[{\"token\":[\"read\",\"admin\"]}]", "contract.security-added GET /b: credentials that were enough")]
    [InlineData("\"openapi\":\"3.1.0\",", "\"openapi\":\"3.1.0\",\"security\":[{\"token\":[]}],", "contract.security-added POST /a/{id}: it asks for credentials")]
    public void Breaks_of_OpenAPI_are_told_with_their_reason(string old, string made, string expected) => AssertBreak(Open, old, made, expected);

    [Theory]
    [InlineData("\"address\":\"orders\"", "\"address\":\"order\"", "contract.operation-removed receive orders: the channel is removed")]
    [InlineData("\"action\":\"receive\"", "\"action\":\"send\"", "contract.operation-removed receive orders: the operation is removed")]
    [InlineData("\"properties\":{\"id\":{\"type\":\"string\"}}", "\"properties\":{\"id\":{\"type\":\"integer\"}}", "contract.request-narrowed receive orders: a message is refused")]
    [InlineData("\"type\":\"int\"", "\"type\":\"long\"", "contract.response-widened send orders: a message may hold")]
    public void Breaks_of_AsyncAPI_are_told_with_their_reason(string old, string made, string expected) => AssertBreak(Events, old, made, expected);

    [Theory]
    [InlineData("{id}", "{number}")]
    [InlineData("\"n\":{\"type\":\"integer\"}", "\"n\":{\"type\":\"number\"},\"more\":{}")]
    [InlineData("[\"new\",\"paid\"]", "[\"new\"]")]
    [InlineData("[{\"token\":[\"read\"]}]", "[]")]
    [InlineData("\"400\":{\"description\":\"bad\"}", "\"422\":{\"description\":\"bad\"}")]
    [InlineData("\"in\":\"query\",", "\"in\":\"query\",\"description\":\"new words\",")]
    [InlineData("\"/b\":{", "\"/c\":{\"get\":{\"responses\":{}}},\"/b\":{")]
    public void What_breaks_nothing_is_not_told(string old, string made) => Assert.Empty(Compare(Open, Open.Replace(old, made, StringComparison.Ordinal)));

    [Fact]
    public void Names_of_operations_and_channels_may_change_and_what_is_sent_may_be_less()
    {
        Assert.Empty(Compare(Events, Events.Replace("\"out\":{", "\"sent\":{", StringComparison.Ordinal).Replace("#/channels/c", "#/channels/d", StringComparison.Ordinal).Replace("\"channels\":{\"c\"", "\"channels\":{\"d\"", StringComparison.Ordinal)));
        Assert.Empty(Compare(Events.Replace("\"type\":\"int\"", "\"type\":\"long\"", StringComparison.Ordinal), Events));
    }

    [Fact]
    public void OpenAPI_of_3_0_is_compared_in_its_own_words()
    {
        var old = Open.Replace("3.1.0", "3.0.3", StringComparison.Ordinal).Replace("\"n\":{\"type\":\"integer\"}", "\"n\":{\"type\":\"integer\",\"nullable\":true,\"minimum\":0,\"exclusiveMinimum\":true}", StringComparison.Ordinal);
        Assert.Empty(Compare(old, old.Replace(",\"exclusiveMinimum\":true", "", StringComparison.Ordinal)));
        var reason = Assert.Single(Compare(old, old.Replace("\"nullable\":true,", "", StringComparison.Ordinal)));
        Assert.Equal("contract.request-narrowed", reason.Code);
    }

    [Fact]
    public void Without_payloads_only_what_is_around_them_counts() =>
        Assert.Empty(DocumentDiff.Of(Read(Open), Read(Open.Replace("\"required\":[\"id\"]", "\"required\":[\"id\",\"n\"]", StringComparison.Ordinal)), payloads: false)!);

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"openapi":"2.0"}""")]
    [InlineData("""{"asyncapi":"2.6.0"}""")]
    [InlineData("""{"openapi":3}""")]
    public void What_is_no_document_is_told(string text)
    {
        Assert.Null(DocumentDiff.Read(text, out var problem));
        Assert.NotEmpty(problem);
        Assert.Null(DocumentDiff.Of(Read(Open), Read(Events)));
    }

    [Fact]
    public void Documents_of_a_project_are_compared_with_themselves_and_with_what_it_becomes()
    {
        using var folder = new TemporaryFolder();
        var then = CatalogProject.Read(CatalogProject.WriteTo(folder.Path));
        var now = CatalogProject.Read(CatalogProject.WriteTo(folder.Path, CatalogProject.Text.Replace("{ http: /orders }", "{ http: /order }", StringComparison.Ordinal)));
        Assert.Empty(DocumentDiff.Of(OpenApi.Of(then), OpenApi.Of(then))!);
        Assert.Empty(DocumentDiff.Of(AsyncApi.Of(then), AsyncApi.Of(then))!);
        Assert.Equal("POST /in/orders", Assert.Single(DocumentDiff.Of(OpenApi.Of(then), OpenApi.Of(now))!).Where);
        Assert.Equal("receive /in/orders", Assert.Single(DocumentDiff.Of(AsyncApi.Of(then), AsyncApi.Of(now))!).Where);
    }

    private static void AssertBreak(string document, string old, string made, string expected)
    {
        Assert.Contains(old, document, StringComparison.Ordinal);
        var told = Compare(document, document.Replace(old, made, StringComparison.Ordinal)).Select(one => $"{one.Code} {one.Where}: {one.Message}").ToList();
        Assert.True(told.Exists(one => one.StartsWith(expected, StringComparison.Ordinal)), $"{expected}\n{string.Join('\n', told)}");
    }

    private static IReadOnlyList<DocumentBreak> Compare(string older, string newer) => DocumentDiff.Of(Read(older), Read(newer))!;

    private static JsonObject Read(string text) => DocumentDiff.Read(text, out var problem) ?? throw new InvalidOperationException(problem);
}

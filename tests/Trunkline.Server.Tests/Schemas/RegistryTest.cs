using System.Net;
using System.Text;
using System.Text.Json;
using Trunkline.Server.Tests.Api;

namespace Trunkline.Server.Tests.Schemas;

/// <summary>What tests of the registry's API share: three schemas of a mail, and requests as its clients make them.</summary>
public abstract class RegistryTest : ApiTest
{
    protected const string One = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"}]}""";
    protected const string Optional = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"},{"name":"text","type":"string","default":""}]}""";
    protected const string Required = """{"type":"record","name":"Mail","fields":[{"name":"id","type":"string"},{"name":"text","type":"string"}]}""";

    protected static string Body(string schema, string? type = null, string more = "") =>
        "{\"schema\":" + JsonSerializer.Serialize(schema) + (type is null ? "" : $",\"schemaType\":\"{type}\"") + more + "}";

    protected async Task<JsonElement> OkAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{method} {path}: {(int)status} {answer}");
        return answer;
    }

    protected async Task RefusedAsync(HttpMethod method, string path, string? body, int code)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.Equal((code > 999 ? code / 100 : code, code), ((int)status, answer.GetProperty("error_code").GetInt32()));
        Assert.NotEmpty(answer.GetProperty("message").GetString()!);
    }

    protected async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/registry/" + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/vnd.schemaregistry.v1+json");
        }

        using var response = await Http.SendAsync(request, Cancel);
        Assert.Equal("application/vnd.schemaregistry.v1+json", response.Content.Headers.ContentType?.ToString());
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }
}

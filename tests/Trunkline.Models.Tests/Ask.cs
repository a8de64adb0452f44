using System.Text.Json;

namespace Trunkline.Models.Tests;

/// <summary>Asks a model about a text and reads its JSON.</summary>
internal static class Ask
{
    public static async Task<JsonElement> AboutAsync(IModel model, string text) => Json(await AnswerAsync(model, text));

    public static ValueTask<ModelAnswer> AnswerAsync(IModel model, string text) =>
        model.InferAsync(new ModelRequest(JsonSerializer.SerializeToUtf8Bytes(text), "key-1"), TestContext.Current.CancellationToken);

    public static JsonElement Json(ModelAnswer answer) => JsonDocument.Parse(answer.Output).RootElement;
}

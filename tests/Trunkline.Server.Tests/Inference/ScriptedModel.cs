using System.Text;
using Trunkline.Models;

namespace Trunkline.Server.Tests.Inference;

/// <summary>A model that answers what a test says.</summary>
internal sealed class ScriptedModel(Func<ModelRequest, CancellationToken, ValueTask<ModelAnswer>> answer) : IModel
{
    public ScriptedModel(string json)
        : this((_, _) => ValueTask.FromResult(new ModelAnswer(Encoding.UTF8.GetBytes(json))))
    {
    }

    public List<ModelRequest> Requests { get; } = [];

    public bool Disposed { get; private set; }

    public string Kind => "scripted";

    public string Version { get; init; } = "scripted@1";

    public ValueTask<ModelAnswer> InferAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return answer(request, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}

using Trunkline.Messaging;

namespace Trunkline.Server.Steps;

/// <summary>A piece of an answer on its way to those who follow a sink, before the message it becomes is durable.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Key">The key of the message it becomes.</param>
/// <param name="Id">The id of the message it becomes.</param>
/// <param name="Sequence">Its place: 0 begins the text, also afresh after a try that failed.</param>
/// <param name="Text">The text.</param>
internal sealed record PartialText(string Sink, MessageKey? Key, string Id, int Sequence, string Text);

namespace Trunkline.Server.Inference;

/// <summary>The model has no room now, and the question does not wait for it.</summary>
/// <param name="reason">Why, for people.</param>
internal sealed class ModelBusyException(string reason) : Exception(reason);

/// <summary>Another version of the model serves by now: the question is to be put to that one.</summary>
internal sealed class ModelWithdrawnException() : Exception("Another version of the model serves by now.");

/// <summary>The message became late while it waited for room.</summary>
internal sealed class WaitEndedException() : Exception("The message became late while it waited for room.");

/// <summary>One call may use more than a whole budget: no wait will help.</summary>
internal sealed class OverBudgetException() : Exception("One call may use more than a whole budget of the model.");

namespace Trunkline.Models;

/// <summary>A model that cannot be made: wrong settings, or a file that is missing or not what it should be. Says what to do.</summary>
public sealed class InvalidModelException(string message, Exception? inner = null) : Exception(message, inner);

namespace Trunkline.Server.Pacts;

/// <summary>A request the pact broker refuses.</summary>
internal sealed class PactRefusal(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    public static PactRefusal NotFound(string what) => new(404, $"{what} is not there.");
}

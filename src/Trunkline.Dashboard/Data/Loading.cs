using Trunkline.Client;

namespace Trunkline.Dashboard.Data;

/// <summary>Reads a section's data; what cannot be read is told in its place.</summary>
internal static class Loading
{
    private const int BadRequest = 400;
    private const int NotFound = 404;

    public static async Task<Loaded<T>> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return new Loaded<T>(await read(), null);
        }
        catch (TrunklineException exception)
        {
            return new Loaded<T>(null, $"{exception.Message} {exception.Remedy}".Trim()) { IsMissing = exception.Status == NotFound, IsRefused = exception.Status == BadRequest };
        }
        catch (NodeUnreachableException exception)
        {
            return new Loaded<T>(null, exception.Message);
        }
    }
}

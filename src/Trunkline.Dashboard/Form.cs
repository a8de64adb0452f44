using Microsoft.AspNetCore.Http.Features;

namespace Trunkline.Dashboard;

/// <summary>The fields of a form a page sent; empty if the request carries none, or one that is too large.</summary>
internal sealed class Form
{
    private readonly IFormCollection _fields;

    private Form(IFormCollection fields) => _fields = fields;

    /// <summary>The first value of a field; null if there is none.</summary>
    public string? Text(string name) => _fields[name] is [{ } value, ..] ? value : null;

    public static async Task<Form> ReadAsync(HttpRequest request, long bytesMax)
    {
        if (!request.HasFormContentType)
        {
            return new Form(FormCollection.Empty);
        }

        var limits = new FormOptions { BufferBodyLengthLimit = bytesMax, ValueLengthLimit = (int)bytesMax, ValueCountLimit = 100, MultipartBodyLengthLimit = bytesMax };
        request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request, limits));
        return new Form(await request.ReadFormAsync(limits, request.HttpContext.RequestAborted));
    }
}

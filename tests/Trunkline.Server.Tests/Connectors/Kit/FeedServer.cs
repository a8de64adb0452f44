using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Trunkline.Server.Tests.Connectors.Kit;

/// <summary>The far side of the sample connectors, on a free port of loopback: a feed that is read, and notes that are kept.</summary>
public sealed class FeedServer
{
    private const int Page = 32;

    private readonly Lock _lock = new();
    private readonly List<string> _items = [];
    private readonly List<string> _notes = [];
    private readonly ConcurrentDictionary<string, byte> _ids = new();

    public FeedServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/feed", (string? after) => IsDown ? Results.StatusCode(503) : Results.Text(Items(after), "application/json"));
        app.MapPut("/notes/{id}", KeepAsync);
        ((IHost)app).Start();
        Url = new Uri(app.Urls.Single() + "/");
    }

    public HttpClient Http { get; } = new();

    public Uri Url { get; }

    public bool IsDown { get; set; }

    public static string TextOf(ReadOnlyMemory<byte> payload) => JsonDocument.Parse(payload).RootElement.GetProperty("text").GetString()!;

    public ValueTask AddAsync(IReadOnlyList<string> texts)
    {
        lock (_lock)
        {
            _items.AddRange(texts);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The notes, in the order they came in first.</summary>
    public IReadOnlyList<string> Notes()
    {
        lock (_lock)
        {
            return [.. _notes];
        }
    }

    private string Items(string? after)
    {
        lock (_lock)
        {
            var from = string.IsNullOrEmpty(after) ? 0 : int.Parse(after, CultureInfo.InvariantCulture) + 1;
            return JsonSerializer.Serialize(_items.Skip(from).Take(Page).Select((text, i) => new { id = $"{from + i}", text, author = $"a{(from + i) % 3}" }));
        }
    }

    private async Task<IResult> KeepAsync(string id, HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var note = await reader.ReadToEndAsync();
        if (IsDown)
        {
            return Results.StatusCode(503);
        }

        lock (_lock)
        {
            if (_ids.TryAdd(id, 0))
            {
                _notes.Add(note);
            }
        }

        return Results.NoContent();
    }
}

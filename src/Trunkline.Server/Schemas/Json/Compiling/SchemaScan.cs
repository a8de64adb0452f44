using Trunkline.Server.Schemas.Json.Values;

namespace Trunkline.Server.Schemas.Json.Compiling;

/// <summary>Finds the addresses and names in a schema text, at the places where schemas stand.</summary>
internal sealed class SchemaScan(SchemaLibrary library, SchemaDocument document)
{
    private readonly Stack<(int Token, SchemaResource Resource)> _left = new();

    /// <summary>Finds them all.</summary>
    public void Run(SchemaResource whole)
    {
        document.Resources.Add(whole);
        document.Roots[whole.Root] = whole;
        _left.Push((whole.Root, whole));
        while (_left.TryPop(out var next))
        {
            if (document.Index[next.Token].Kind == JsonKind.Object)
            {
                Visit(next.Token, next.Resource);
            }
        }
    }

    private void Visit(int token, SchemaResource resource)
    {
        var index = document.Index;
        var own = token == resource.Root ? resource : Enter(token, resource);
        NameAnchors(token, own);
        for (int at = token + 1, end = index[token].Next; at < end; at = index[at + 1].Next)
        {
            foreach (var child in SchemaPlaces.In(index, index.Text(at), at + 1, own.Dialect.Draft))
            {
                _left.Push((child, own));
            }
        }
    }

    private SchemaResource Enter(int token, SchemaResource outer)
    {
        var index = document.Index;
        var dialect = outer.Dialect;
        var id = IdOf(token, dialect);
        if (id is null && dialect.IdKeyword == "id" && index.Find(token, "$schema"u8) >= 0)
        {
            id = IdOf(token, dialect with { Draft = Draft.Six });
        }

        var (relative, fragment) = UriReference.Split(id ?? "");
        var resource = outer;
        if (relative.Length > 0)
        {
            var named = index.Find(token, "$schema"u8) is >= 0 and var schema && index[schema].Kind == JsonKind.String
                ? library.DialectOf(index.Text(schema), index, schema) ?? dialect
                : dialect;
            resource = new SchemaResource(document, token, UriReference.Split(UriReference.Resolve(outer.Address, relative)).Address, named);
            document.Resources.Add(resource);
            document.Roots[token] = resource;
        }

        if (fragment.Length > 0 && dialect.Draft <= Draft.Seven)
        {
            resource.Anchors.TryAdd(fragment, token);
        }

        return resource;
    }

    private void NameAnchors(int token, SchemaResource resource)
    {
        var index = document.Index;
        var draft = resource.Dialect.Draft;
        if (token == resource.Root && draft <= Draft.Seven && IdOf(token, resource.Dialect) is { } id && UriReference.Split(id).Fragment is { Length: > 0 } fragment)
        {
            resource.Anchors.TryAdd(fragment, token);
        }

        if (draft < Draft.Y2019)
        {
            return;
        }

        if (index.Find(token, "$anchor"u8) is >= 0 and var anchor)
        {
            AddAnchor(resource, anchor, token);
        }

        if (draft == Draft.Y2020 && index.Find(token, "$dynamicAnchor"u8) is >= 0 and var dynamic)
        {
            AddAnchor(resource, dynamic, token);
            resource.DynamicAnchors.Add(index.Text(dynamic));
        }

        if (draft == Draft.Y2019 && token == resource.Root && index.Find(token, "$recursiveAnchor"u8) is >= 0 and var recursive && index[recursive].Kind == JsonKind.True)
        {
            resource.DynamicAnchors.Add("");
        }
    }

    private void AddAnchor(SchemaResource resource, int name, int token)
    {
        if (document.Index[name].Kind == JsonKind.String && !resource.Anchors.TryAdd(document.Index.Text(name), token) && resource.Anchors[document.Index.Text(name)] != token)
        {
            library.Fault(document.Index, name, "$anchor", "this name is given twice in the same schema");
        }
    }

    private string? IdOf(int token, Dialect dialect) => IdOf(document.Index, token, dialect);

    /// <summary>The address a schema gives itself; null if it gives none.</summary>
    public static string? IdOf(JsonIndex index, int token, Dialect dialect)
    {
        var id = dialect.Draft == Draft.Four ? index.Find(token, "id"u8) : index.Find(token, "$id"u8);
        return id >= 0 && index[id].Kind == JsonKind.String && !(dialect.RefStandsAlone && index.Find(token, "$ref"u8) >= 0) ? index.Text(id) : null;
    }
}

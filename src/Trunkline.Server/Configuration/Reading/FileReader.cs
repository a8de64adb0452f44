using Trunkline.Core.Config;
using Trunkline.Core.Config.Grammar;
using Trunkline.Server.Configuration.Grammar;

namespace Trunkline.Server.Configuration.Reading;

/// <summary>Reads the source and the sink <c>file</c>.</summary>
internal static class FileReader
{
    public static FileSourceConfig? ReadSource(ObjectValues values, ProjectScope scope)
    {
        if (values.Get(FileSourceGrammar.Pattern) is not { } pattern)
        {
            return null;
        }

        var defaults = new FileSourceConfig(scope.Resolve(pattern), values.WhereOf(FileSourceGrammar.Pattern));
        return defaults with
        {
            Encoding = values.Get(FileSourceGrammar.Encoding),
            IsJson = values.Get(FileSourceGrammar.Format, false),
            LineBytesMax = (int)values.Get(FileSourceGrammar.MaxLine, defaults.LineBytesMax),
        };
    }

    public static FileSinkConfig? ReadSink(ObjectValues values, string name, ProjectScope scope)
    {
        var isFolder = values.Has(FileGrammar.Folder);
        CheckKeys(values, isFolder, scope);
        var place = isFolder ? FileGrammar.Folder : FileGrammar.Path;
        if (values.Get(place) is not { } path)
        {
            return null;
        }

        return new FileSinkConfig(name, scope.Resolve(path), isFolder, values.WhereOf(place))
        {
            Text = values.Get(FileGrammar.Text)?.Get(ChatGrammar.Template),
            FileName = values.Get(FileGrammar.FileName) ?? FileSinkConfig.FileNameDefault,
            Replaces = values.Get(FileGrammar.Replace, false),
            Rotate = ReadRotation(values.Get(FileGrammar.Rotate), scope),
            Syncs = values.Get(FileGrammar.Durability, true),
        };
    }

    private static void CheckKeys(ObjectValues values, bool isFolder, ProjectScope scope)
    {
        GrammarKey[] others = isFolder ? [FileGrammar.Rotate] : [FileGrammar.FileName, FileGrammar.Replace];
        foreach (var key in others.Where(values.Has))
        {
            scope.Faults.Add(
                values.WhereOf(key),
                FaultCodes.KeyConflict,
                $"'{key.Name}' does not belong to {values.Path} with '{(isFolder ? "folder" : "path")}'.",
                $"Remove it; it belongs to '{(isFolder ? "path" : "folder")}'.");
        }
    }

    private static RotationConfig? ReadRotation(ObjectValues? values, ProjectScope scope)
    {
        if (values is null)
        {
            return null;
        }

        if (!values.Has(FileGrammar.RotateSize) && !values.Has(FileGrammar.RotateAge))
        {
            scope.Faults.Add(values.Where, FaultCodes.MissingKey, $"{values.Path} has neither 'size' nor 'age'.", "Add size, such as 100MB, or age, such as 1d; or remove rotate.");
        }

        return new RotationConfig(
            values.Has(FileGrammar.RotateSize) ? values.Get(FileGrammar.RotateSize, 0L) : null,
            values.Has(FileGrammar.RotateAge) ? values.Get(FileGrammar.RotateAge, default) : null,
            values.Has(FileGrammar.RotateKeep) ? values.Get(FileGrammar.RotateKeep, 1) : null);
    }
}

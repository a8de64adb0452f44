using System.Diagnostics;

namespace Trunkline.Crash.Tests.Shim;

/// <summary>
/// Simulated power loss: a child runs with <c>unsynced.c</c> preloaded, which keeps a shadow of what was synced; after the
/// kill <see cref="Apply"/> turns the folder into that shadow.
/// </summary>
internal sealed class PowerLoss
{
    private readonly string _library;

    private PowerLoss(string library) => _library = library;

    /// <summary>Compiles the shim; null where there is no C compiler.</summary>
    public static PowerLoss? Build(string folder)
    {
        var library = Path.Combine(folder, "unsynced.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Shim", "unsynced.c");
        try
        {
            using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl", "-lpthread"]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0
                ? new PowerLoss(library)
                : throw new InvalidOperationException($"cc could not compile {source}: exit {compiler.ExitCode}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Prepares the environment of a child so that <paramref name="root"/> is shadowed in <paramref name="shadow"/>.</summary>
    public void Attach(ProcessStartInfo start, string root, string shadow)
    {
        if (Directory.Exists(shadow))
        {
            Directory.Delete(shadow, recursive: true);
        }

        Directory.CreateDirectory(shadow);
        start.Environment["LD_PRELOAD"] = _library;
        start.Environment["UNSYNCED_ROOT"] = root;
        start.Environment["UNSYNCED_SHADOW"] = shadow;
    }

    /// <summary>Replaces the folder by what was synced of it. Returns how many files were cut or lost.</summary>
    public static int Apply(string root, string shadow)
    {
        var before = Directory.GetFiles(root, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(root, f), f => new FileInfo(f).Length);
        Directory.Delete(root, recursive: true);
        Rebuild(root, shadow, "1");
        var after = Directory.GetFiles(root, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(root, f), f => new FileInfo(f).Length);
        return before.Count(file => !after.TryGetValue(file.Key, out var length) || length != file.Value);
    }

    private static void Rebuild(string folder, string shadow, string id)
    {
        Directory.CreateDirectory(folder);
        var names = Path.Combine(shadow, "names", id);
        if (!File.Exists(names))
        {
            return; // the folder's entry was synced, nothing in it was
        }

        foreach (var line in File.ReadLines(names))
        {
            var parts = line.Split(' ', 3);
            var target = Path.Combine(folder, parts[2]);
            if (parts[0] == "d")
            {
                Rebuild(target, shadow, parts[1]);
                continue;
            }

            var data = Path.Combine(shadow, "data", parts[1]);
            if (File.Exists(data))
            {
                File.Copy(data, target);
            }
            else
            {
                File.Create(target).Dispose(); // a name without a single synced byte: an empty file
            }
        }
    }
}

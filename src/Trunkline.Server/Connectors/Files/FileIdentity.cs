using System.Globalization;

namespace Trunkline.Server.Connectors.Files;

/// <summary>What a file is known by whatever its name. An inode is given again once its file is gone; the time of birth tells them apart.</summary>
/// <param name="Device">The device.</param>
/// <param name="Inode">The inode.</param>
/// <param name="Born">When it was made, in ns; 0 where the file system does not say.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Born)
{
    /// <summary>As a text that is part of stored positions. Frozen.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device:x}.{Inode:x}.{Born:x}");
}

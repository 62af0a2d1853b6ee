using Lightloom.Interop.Gnpy;

namespace Lightloom.Interop.Tests;

/// <summary>The files of this test, which were written for it.</summary>
static class GnpyFiles
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "data", name);

    public static string Text(string name) => File.ReadAllText(Path(name));

    public static GnpyEquipment Equipment { get; } = GnpyEquipment.ReadFile(Path("equipment.json"));

    public static GnpyNetwork Network(string name) => GnpyNetwork.ReadFile(Path(name), Equipment);

    /// <summary>The network of one span with a piece of its text replaced.</summary>
    public static GnpyNetwork OneSpan(string old, string replacement, GnpyEquipment? equipment = null) =>
        GnpyNetwork.Read(Replaced("one-span.json", old, replacement), "net.json", equipment ?? Equipment);

    /// <summary>The library with a piece of its text replaced.</summary>
    public static GnpyEquipment Library(string old, string replacement) => GnpyEquipment.Read(Replaced("equipment.json", old, replacement), "eqpt.json");

    static string Replaced(string file, string old, string replacement)
    {
        var text = Text(file);
        Assert.Contains(old, text);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}

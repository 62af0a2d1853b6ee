using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

/// <summary>A fabric to be written for another program.</summary>
/// <param name="Graph">Its devices, ports and links.</param>
/// <param name="Name">What the design calls it.</param>
public sealed record FabricExportRequest(FabricGraph Graph, string Name)
{
    /// <summary>What its ports speak; some formats name ports accordingly.</summary>
    public LinkProtocol Protocol { get; init; } = LinkProtocol.Infiniband;

    /// <summary>Where its devices stand and its cables run; null when nobody planned that.</summary>
    public IDeviceLocations? Locations { get; init; }

    /// <summary>Hosts of which one system is made: 18 for a rack of 18 compute trays in one scale-up domain, 1 for a server.</summary>
    public int HostsPerSystem { get; init; } = 1;
}

/// <summary>
/// A format of fabrics that another program reads. A new one is a public class with a parameterless constructor; it is found by its name.
/// </summary>
public abstract class FabricExport
{
    /// <summary>The name by which it is asked for, in kebab-case.</summary>
    public abstract string Name { get; }

    /// <summary>What it is and who reads it, in one sentence.</summary>
    public abstract string Description { get; }

    /// <summary>What such a file is usually called.</summary>
    public abstract string FileName { get; }

    /// <summary>Writes a fabric, line by line; nothing is written when it can't be.</summary>
    /// <exception cref="InputException">The format can't hold this fabric.</exception>
    public void Write(FabricExportRequest request, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(writer);
        Check(request);
        WriteChecked(request, writer);
    }

    /// <summary>Refuses what the format can't hold.</summary>
    /// <exception cref="InputException">The format can't hold this fabric.</exception>
    public virtual void Check(FabricExportRequest request)
    {
    }

    /// <summary>Writes a fabric that <see cref="Check"/> let pass. Lines end in a line feed on every system.</summary>
    protected abstract void WriteChecked(FabricExportRequest request, TextWriter writer);

    /// <summary>Refuses a fabric that speaks something else than what the format is for.</summary>
    private protected void OnlyFor(FabricExportRequest request, LinkProtocol protocol, string instead)
    {
        if (request.Protocol != protocol)
            throw new InputException($"the format '{Name}' is for {Spoken(protocol)}, and this fabric speaks {Spoken(request.Protocol)}; expected {instead}");

        static string Spoken(LinkProtocol protocol) => protocol == LinkProtocol.Infiniband ? "InfiniBand" : "Ethernet";
    }

    private protected InputException TooLarge(string what, long count, long most) =>
        new($"the format '{Name}' holds at most {most:N0} {what}; this fabric has {count:N0}");
}

/// <summary>All formats that fabrics are written in.</summary>
public static class FabricExports
{
    static readonly Lazy<IReadOnlyList<FabricExport>> Found = new(static () =>
    [
        .. typeof(FabricExport).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(FabricExport)))
            .Select(t => (FabricExport)Activator.CreateInstance(t)!)
            .OrderBy(e => e.Name, StringComparer.Ordinal),
    ]);

    /// <summary>All formats, in alphabetical order.</summary>
    public static IReadOnlyList<FabricExport> All => Found.Value;

    /// <summary>The format of a name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static FabricExport Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var export in All)
            if (export.Name == name) return export;
        throw new InputException($"there is no format '{name}'{Nearest.Hint(name, [.. All.Select(e => e.Name)])}");
    }
}

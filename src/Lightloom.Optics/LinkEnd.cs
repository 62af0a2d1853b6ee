using Lightloom.Catalog;

namespace Lightloom.Optics;

/// <summary>What one end of a link plugs into: a cage for pluggable modules, an optical engine on the package, or a backplane.</summary>
public sealed record LinkEnd
{
    LinkEnd(int portsPerCage, Transceiver? engine, bool isBackplane = false)
    {
        PortsPerCage = portsPerCage;
        Engine = engine;
        IsBackplane = isBackplane;
    }

    /// <summary>A cage of one port, as a network card has.</summary>
    public static LinkEnd SinglePort { get; } = new(1, null);

    /// <summary>A cage of two ports that share a module, as twin-port OSFP.</summary>
    public static LinkEnd TwinPort { get; } = new(2, null);

    /// <summary>A blind-mate connector of a tray, which cable cartridges plug into and nothing else does.</summary>
    public static LinkEnd Backplane { get; } = new(1, null, true);

    /// <summary>Ports that share one cage and so one module.</summary>
    public int PortsPerCage { get; }

    /// <summary>The engine of a co-packaged end; null for a cage.</summary>
    public Transceiver? Engine { get; }

    /// <summary>Whether the optics sit on the package.</summary>
    public bool IsCoPackaged => Engine is not null;

    /// <summary>Whether it is a tray's connector to a cable cartridge.</summary>
    public bool IsBackplane { get; }

    /// <summary>A cage whose module serves a number of ports.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no port.</exception>
    public static LinkEnd Cage(int portsPerCage)
    {
        if (portsPerCage < 1) throw new ArgumentOutOfRangeException(nameof(portsPerCage), portsPerCage, "a cage has at least one port");
        return portsPerCage switch { 1 => SinglePort, 2 => TwinPort, _ => new(portsPerCage, null) };
    }

    /// <summary>An engine on the package.</summary>
    public static LinkEnd CoPackaged(Transceiver engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return new(1, engine);
    }

    /// <summary>The end that a switch offers to each of its ports.</summary>
    public static LinkEnd Of(Switch box)
    {
        ArgumentNullException.ThrowIfNull(box);
        return box.CoPackaged is { } engine ? CoPackaged(engine) : Cage(box.PortsPerCage?.Value ?? 1);
    }
}

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

/// <summary>Parts for tests: only what a fabric counts is given with care.</summary>
static class Parts
{
    public static Sourced<T> Of<T>(T value) => Sourced<T>.Of(value, "test", Grade.Assumption);

    public static Bandwidth Gb(double value) => Bandwidth.FromGigabitsPerSecond(value);

    public static Switch Switch(int ports, double gigabits = 400, double? smallestSplit = null, int? perCage = null, double watts = 1000) => new()
    {
        Name = $"{ports}x{gigabits}G",
        Vendor = "test",
        Protocols = [LinkProtocol.Ethernet],
        Ports = Of(ports),
        PortRate = Of(Gb(gigabits)),
        LaneRate = Of(Gb(100)),
        SmallestSplit = smallestSplit is { } s ? Of(Gb(s)) : null,
        PortsPerCage = perCage is { } c ? Of(c) : null,
        Power = Of(Power.FromWatts(watts)),
        RackUnits = Of(1),
    };

    public static AcceleratorSystem System(int accelerators, int nics, double gigabits = 400, int portsPerNic = 1, int rackUnits = 8) => new()
    {
        Name = $"{accelerators} accelerators",
        Vendor = "test",
        Accelerator = Accelerator,
        Accelerators = Of(accelerators),
        Nics = Of(nics),
        Nic = new()
        {
            Name = "card",
            Protocols = [LinkProtocol.Ethernet],
            Rate = Of(Gb(gigabits * portsPerNic)),
            Ports = Of(portsPerNic),
            LaneRate = Of(Gb(100)),
            Power = Of(Power.FromWatts(25)),
        },
        ScaleUpLatency = Of(Duration.FromMicroseconds(1)),
        HostPower = Of(Power.FromWatts(2000)),
        Price = Of(Money.FromSi(300_000)),
        RackUnits = Of(rackUnits),
    };

    public static OpticalCircuitSwitch OpticalSwitch(int ports) => new() { Name = $"{ports} mirrors", Technology = "test", Ports = Of(ports), Bidirectional = true };

    static Accelerator Accelerator { get; } = new()
    {
        Name = "accelerator",
        Vendor = "test",
        Kernels = null!,
        Collectives = null!,
        Bf16Peak = Of(ComputeRate.FromSi(1e15)),
        Memory = Of(DataSize.FromSi(8e11)),
        MemoryBandwidth = Of(Gb(20000)),
        ScaleUpBandwidth = Of(Gb(3600)),
        ScaleUpDomain = Of(8),
        ScaleUpTopology = ScaleUpTopology.Switched,
        Power = Of(Power.FromWatts(700)),
    };

    public static AcceleratorSystem Dgx { get; } = System(8, 8);

    public static Switch Qm9700 { get; } = Switch(64, 400, 200, 2);
}

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

/// <summary>Parts with the figures of the standards and data sheets, for tests that must not move when the catalogue does.</summary>
static class TestParts
{
    public static readonly Connector Mpo = new() { Name = "MPO", Loss = Db(0.35), MaximumLoss = Db(0.75), Price = Usd(8, 5, 15) };
    public static readonly Connector Lc = new() { Name = "LC", Loss = Db(0.25), MaximumLoss = Db(0.5), Price = Usd(3, 2, 5) };

    public static readonly Fibre Os2 = new()
    {
        Name = "OS2",
        SingleMode = true,
        Wavelength = Length.FromNanometers(1310),
        Attenuation = Of(Attenuation.FromDecibelsPerKilometer(0.4)),
        Delay = Of(PropagationDelay.FromNanosecondsPerMeter(4.896)),
        Price = Of(MoneyPerLength.FromDollarsPerMeter(0.04)),
    };

    public static readonly Fibre Om4 = new()
    {
        Name = "OM4",
        SingleMode = false,
        Wavelength = Length.FromNanometers(850),
        Attenuation = Of(Attenuation.FromDecibelsPerKilometer(3)),
        Delay = Of(PropagationDelay.FromNanosecondsPerMeter(4.94)),
        Price = Of(MoneyPerLength.FromDollarsPerMeter(0.1)),
    };

    public static readonly OpticalInterface Dr4 = Optics("400GBASE-DR4", 4, 53.125, "1304.5-1317.5", Os2, Mpo, 8, 500, 3.0, -0.8, -2.2, 3.4, -1.9, 0.1);
    public static readonly OpticalInterface Fr4 = Optics("400GBASE-FR4", 4, 53.125, "1271;1291;1311;1331", Os2, Lc, 2, 2000, 4.0, -0.3, -1.7, 3.4, -2.6, 0.3);
    public static readonly OpticalInterface TwinFr4 = Fr4 with { Name = "800G-2xFR4", Lanes = Of(8), Fibres = Of(4), Wavelengths = "2x(1271;1291;1311;1331)" };
    public static readonly OpticalInterface Lr4 = Optics("400G-LR4-10", 4, 53.125, "1271;1291;1311;1331", Os2, Lc, 2, 10000, 6.3, 0.3, -1.1, 3.9, -4.1, 0.6);
    public static readonly OpticalInterface Sr4 = Optics("400GBASE-SR4", 4, 53.125, "850", Om4, Mpo, 8, 100, 1.8, -2.6, -4.4, 4.4, -2.0, 0.2);
    public static readonly OpticalInterface LpoDr = Optics("100G-DR-LPO", 1, 53.125, "1304.5-1317.5", Os2, Mpo, 2, 500, 3.0, null, -3.2, 3.4, -3.1, 0.3);
    public static readonly OpticalInterface Dr8At200 = Optics("1.6TBASE-DR8", 8, 106.25, "1304.5-1317.5", Os2, Mpo, 16, 500, 3.0, -0.3, -1.2, 3.4, -0.9, 0.1, 200);

    public static readonly OpticalInterface Fr4At200 = Optics("800GBASE-FR4", 4, 113.4375, "1271;1291;1311;1331", Os2, Lc, 2, 2000, 4.0, null, null, null, null, null, 200)
        with
    { Fec = FecScheme.Kp4WithHamming, PreFecBer = Of(4.85e-3) };

    public static readonly Transceiver TwinDr4 = Module("800g-2xdr4", TransceiverClass.Retimed, 800, Dr4, 500, 16, 60, 1000, 1000);
    public static readonly Transceiver TwinFr4Module = Module("800g-2xfr4", TransceiverClass.Retimed, 800, TwinFr4, 2000, 16.5, 60, 1300, 1250);
    public static readonly Transceiver TwinSr4 = Module("800g-2xsr4", TransceiverClass.Retimed, 800, Sr4, 50, 15, 60, 800, 1000);
    public static readonly Transceiver TwinLpo = Module("800g-dr8-lpo", TransceiverClass.Linear, 800, LpoDr, 500, 8.5, 5, 750, 667);
    public static readonly Transceiver TwinLro = Module("800g-dr8-lro", TransceiverClass.HalfRetimed, 800, Dr4, 500, 9, 35, 900, 833);
    public static readonly Transceiver SingleDr4 = Module("400g-dr4", TransceiverClass.Retimed, 400, Dr4, 500, 9, 60, 700, 1000);
    public static readonly Transceiver SingleFr4 = Module("400g-fr4", TransceiverClass.Retimed, 400, Fr4, 2000, 9, 100, 700, 1250);
    public static readonly Transceiver SingleLr4 = Module("400g-lr4", TransceiverClass.Retimed, 400, Lr4, 10000, 10, 100, 1500, 1250);
    public static readonly Transceiver TwinDr4At200 = Module("1.6t-2xdr4", TransceiverClass.Retimed, 1600, Dr8At200, 500, 27.2, 70, 2500, 1250);
    public static readonly Transceiver SingleFr4At200 = Module("800g-fr4", TransceiverClass.Retimed, 800, Fr4At200, 2000, 17, 120, 2000, 1250);
    public static readonly Transceiver Aoc = Module("aoc-800g", TransceiverClass.ActiveCable, 800, null, 30, 14, 60, 1100, 1667) with { LaneRate = Of(Bandwidth.FromGigabitsPerSecond(100)) };

    public static readonly Transceiver Engine = Module("quantum-x-engine", TransceiverClass.CoPackaged, 1600, Dr8At200, 500, 9, 5, 0, 385)
        with
    { Price = null, FieldReplaceable = false };

    public static readonly Twinax Awg26 = Pair(26, 0.990);
    public static readonly Twinax Awg30 = Pair(30, 1.572);

    public static readonly ElectricalInterface Cr4 = new()
    {
        Name = "400GBASE-CR4",
        Standard = "IEEE 802.3ck clause 162",
        LaneRate = Of(Bandwidth.FromGigabitsPerSecond(100)),
        SymbolRate = Of(SymbolRate.FromGigabaud(53.125)),
        ChannelLoss = Db(19.75),
        Frequency = Of(Frequency.FromGigahertz(26.56)),
        ConnectorLoss = Db(4),
        Reach = Of(Length.FromMeters(2)),
        Fec = FecScheme.Kp4,
        PreFecBer = Of(1e-4),
    };

    public static readonly ElectricalInterface Cr4At200 = Cr4 with
    {
        Name = "800GBASE-CR4",
        Standard = "P802.3dj",
        LaneRate = Of(Bandwidth.FromGigabitsPerSecond(200)),
        SymbolRate = Of(SymbolRate.FromGigabaud(106.25)),
        ChannelLoss = Db(40),
        HostLoss = Db(23),
        Frequency = Of(Frequency.FromGigahertz(53.125)),
        ConnectorLoss = Db(5),
        Reach = Of(Length.FromMeters(1)),
    };

    public static readonly CopperCable Dac = Cable("dac-400g", CopperClass.Passive, 400, Awg26, Cr4, 3, 0.1, 0, 150, 20);
    public static readonly CopperCable TwinDac = Cable("dac-800g", CopperClass.Passive, 800, Awg26, Cr4, 3, 0.1, 0, 250, 20);
    public static readonly CopperCable TwinAcc = Cable("acc-800g", CopperClass.Linear, 800, Awg30, null, 5, 1.5, 1, 450, 50);
    public static readonly CopperCable TwinAec = Cable("aec-800g", CopperClass.Retimed, 800, Awg30, null, 7, 9, 50, 900, 10);

    public static readonly IReadOnlyList<Transceiver> Modules =
        [TwinDr4, TwinFr4Module, TwinSr4, TwinLpo, TwinLro, SingleDr4, SingleFr4, SingleLr4, TwinDr4At200, SingleFr4At200, Aoc];

    public static readonly IReadOnlyList<CopperCable> Cables = [Dac, TwinDac, TwinAcc, TwinAec];

    public static LinkEngineer Engineer() => new(Modules, Cables);

    /// <summary>A leaf-spine link of 400 Gb/s between twin-port cages.</summary>
    public static LinkRequest Request(double meters, int connectors = 0) => new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(400),
        LaneRate = Bandwidth.FromGigabitsPerSecond(100),
        Run = Length.FromMeters(meters),
        A = LinkEnd.TwinPort,
        B = LinkEnd.TwinPort,
        Connectors = connectors,
    };

    public static PathElement Ocs(double typical, double high) => new("optical circuit switch",
        new(Decibels.FromDecibels(typical), Decibels.FromDecibels(typical), Decibels.FromDecibels(high), null, "test", Grade.Measured));

    public static Sourced<T> Of<T>(T value) => Sourced<T>.Of(value, "test", Grade.Standard);

    static Sourced<Decibels> Db(double value) => Of(Decibels.FromDecibels(value));

    static Sourced<DecibelMilliwatts>? Dbm(double? value) => value is { } given ? Of(DecibelMilliwatts.FromDbm(given)) : null;

    static Sourced<Money> Usd(double value, double low, double high) =>
        new(Money.FromDollars(value), Money.FromDollars(low), Money.FromDollars(high), 2025, "test", Grade.Assumption);

    static Twinax Pair(int gauge, double skin) => new()
    {
        Name = $"{gauge} AWG",
        Gauge = gauge,
        SkinLoss = Of(skin),
        DielectricLoss = Of(0.030),
        ConnectorLoss = Db(4),
        Delay = Of(PropagationDelay.FromNanosecondsPerMeter(4.6)),
    };

    static OpticalInterface Optics(
        string name, int lanes, double baud, string wavelengths, Fibre fibre, Connector connector, int fibres, double reach, double loss,
        double? oma, double? lessTdecq, double? tdecq, double? stressed, double? penalties, double lane = 100) => new()
        {
            Name = name,
            Standard = name,
            LaneRate = Of(Bandwidth.FromGigabitsPerSecond(lane)),
            Lanes = Of(lanes),
            SymbolRate = Of(SymbolRate.FromGigabaud(baud)),
            Modulation = "PAM4",
            Wavelengths = wavelengths,
            Fibre = fibre,
            Connector = connector,
            Fibres = Of(fibres),
            Reach = Of(Length.FromMeters(reach)),
            ChannelLoss = Db(loss),
            TransmitOmaMinimum = Dbm(oma),
            TransmitOmaLessTdecq = Dbm(lessTdecq),
            TdecqMaximum = tdecq is { } t ? Db(t) : null,
            StressedSensitivity = Dbm(stressed),
            Penalties = penalties is { } p ? Db(p) : null,
            Fec = FecScheme.Kp4,
            PreFecBer = Of(2.4e-4),
        };

    static Transceiver Module(
        string name, TransceiverClass kind, double gigabits, OpticalInterface? optics, double reach, double watts, double nanoseconds,
        double dollars, double fit) => new()
        {
            Name = name,
            Class = kind,
            Rate = Of(Bandwidth.FromGigabitsPerSecond(gigabits)),
            Interface = optics,
            FormFactor = "OSFP",
            Reach = Of(Length.FromMeters(reach)),
            Power = Of(Power.FromWatts(watts)),
            Latency = Of(Duration.FromNanoseconds(nanoseconds)),
            Price = Usd(dollars, dollars * 0.7, dollars * 1.5),
            FailureRate = Of(FailureRate.FromFit(fit)),
        };

    static CopperCable Cable(
        string name, CopperClass kind, double gigabits, Twinax pair, ElectricalInterface? given, double reach, double watts,
        double nanoseconds, double dollars, double fit) => new()
        {
            Name = name,
            Class = kind,
            Rate = Of(Bandwidth.FromGigabitsPerSecond(gigabits)),
            LaneRate = Of(Bandwidth.FromGigabitsPerSecond(100)),
            Twinax = pair,
            Interface = given,
            FormFactor = "OSFP",
            Reach = Of(Length.FromMeters(reach)),
            Power = Of(Power.FromWatts(watts)),
            Latency = Of(Duration.FromNanoseconds(nanoseconds)),
            Price = Usd(dollars, dollars * 0.7, dollars * 1.5),
            FailureRate = Of(FailureRate.FromFit(fit)),
        };
}

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What link engineering assumes where no part says otherwise; every figure can be replaced.</summary>
public sealed record LinkAssumptions
{
    /// <summary>The figures that are used unless others are given.</summary>
    public static LinkAssumptions Default { get; } = new();

    /// <summary>Energy of the host's long-reach SerDes at one end, sender and receiver, per bit of one direction.</summary>
    public Sourced<EnergyPerBit> HostSerDes { get; init; } =
        new(Picojoules(5.6), Picojoules(4), Picojoules(8), 2022, "112G LR SerDes in 5 nm, VLSI 2022", Grade.Measured);

    /// <summary>Energy of the die-to-die SerDes towards a co-packaged engine at one end, sender and receiver.</summary>
    public Sourced<EnergyPerBit> CoPackagedSerDes { get; init; } =
        new(Picojoules(1.5), Picojoules(0.8), Picojoules(2.5), 2024, "CEI-112G-XSR+ class macros", Grade.Assumption);

    /// <summary>Time that encoding, aligning and correcting take besides the accumulation of codewords.</summary>
    public Sourced<Duration> FecProcessing { get; init; } =
        new(Nanoseconds(37), Nanoseconds(37), Nanoseconds(100), 2023, "contribution to P802.3dj: 3 + 3 + 31 ns at 1 GHz", Grade.Estimate);

    /// <summary>The same for the low-latency code, which corrects 7 symbols instead of 15.</summary>
    public Sourced<Duration> LowLatencyProcessing { get; init; } =
        new(Nanoseconds(21), Nanoseconds(18), Nanoseconds(50), 2023, "3 + 3 + 31·7/15 ns, after KP4's", Grade.Assumption);

    /// <summary>Latency of the inner code with its interleaver, both ends.</summary>
    public Sourced<Duration> InnerCodeLatency { get; init; } =
        new(Nanoseconds(50), Nanoseconds(10), Nanoseconds(100), 2024, "range recalled for P802.3dj modules", Grade.Assumption);

    /// <summary>Latency of a code with soft decisions of coherent modules, both ends.</summary>
    public Sourced<Duration> SoftDecisionLatency { get; init; } =
        new(Nanoseconds(3000), Nanoseconds(1000), Nanoseconds(10_000), null, "staircase and turbo product decoders, recalled", Grade.Assumption);

    /// <summary>
    /// Probability that a wrong decision makes the next one wrong, where a host's SerDes equalises the whole path: copper, linear optics
    /// and engines on the package. Of decision feedback with one full tap on PAM4, which is the most.
    /// </summary>
    public Sourced<double> ElectricalErrorPropagation { get; init; } =
        new(0.75, 0, 0.75, null, "low-latency FEC agreement: PAM4 behind one tap of decision feedback", Grade.Estimate);

    /// <summary>The same behind the receiver of a retimed module: a weaker tap than a long electrical channel asks for.</summary>
    public Sourced<double> OpticalErrorPropagation { get; init; } =
        new(0.5, 0, 0.75, null, "chosen: half a tap; none in the reference equaliser of TDECQ, which feeds forward only", Grade.Assumption);

    /// <summary>Time that both ends of a link take to find a lost frame, answer, and begin again, where its link layer does.</summary>
    public Sourced<Duration> LinkRetryProcessing { get; init; } =
        new(Nanoseconds(200), Nanoseconds(100), Nanoseconds(500), null, "chosen: some hundred cycles at both ends", Grade.Assumption);

    /// <summary>The other links and switches of a path, one way, where the ends of the path send again.</summary>
    public Sourced<Duration> RestOfPath { get; init; } =
        new(Nanoseconds(2000), Nanoseconds(500), Nanoseconds(10_000), null, "chosen: three switches and short links, no queues", Grade.Assumption);

    /// <summary>Multipath interference that a standard sets aside where its penalties are not known.</summary>
    public Sourced<Decibels> ReflectionAllowance { get; init; } = new(Decibels.FromDecibels(0.1), Decibels.FromDecibels(0.1),
        Decibels.FromDecibels(0.5), null, "IEEE 802.3 clauses 124 and 140 set aside 0.1 to 0.5 dB (recalled)", Grade.Assumption);

    /// <summary>Bit error ratio at the end of the reach of a cable for which none is stated.</summary>
    public Sourced<double> CablePreFecBer { get; init; } = Sourced<double>.Of(1e-4, "as 802.3ck copper", Grade.Assumption);

    /// <summary>Bit error ratio to which the outer KP4 code works behind an inner code.</summary>
    public Sourced<double> OuterCodeBer { get; init; } = Sourced<double>.Of(2.4e-4, "IEEE 802.3 clause 119", Grade.Standard);

    /// <summary>Failures of a pluggable module for which none are stated.</summary>
    public Sourced<FailureRate> PluggableFailures { get; init; } =
        new(Fit(1000), Fit(385), Fit(2000), 2025, "0.5 to 1.0 million hours between failures, Meta at ECOC 2025", Grade.Estimate);

    /// <summary>Failures of a co-packaged engine for which none are stated.</summary>
    public Sourced<FailureRate> EngineFailures { get; init; } =
        new(Fit(385), Fit(100), Fit(1000), 2025, "2.6 million device-hours, Meta and Broadcom at ECOC 2025", Grade.Estimate);

    /// <summary>Failures of a copper cable for which none are stated.</summary>
    public Sourced<FailureRate> CopperFailures { get; init; } =
        new(Fit(20), Fit(10), Fit(100), 2025, "vendors' claims of 10 to 100 million hours", Grade.Assumption);

    /// <summary>Flaps of a pluggable optical link.</summary>
    public Sourced<FailureRate> OpticalFlaps { get; init; } =
        new(PerYear(0.0657), PerYear(0.0066), PerYear(0.66), 2026, "one flap in 48 s over 10 million links, arXiv 2026", Grade.Estimate);

    /// <summary>Flaps of a copper link.</summary>
    public Sourced<FailureRate> CopperFlaps { get; init; } =
        new(PerYear(0.0066), PerYear(0.0007), PerYear(0.066), 2026, "a tenth of optics", Grade.Assumption);

    /// <summary>Flaps of a link with co-packaged optics.</summary>
    public Sourced<FailureRate> CoPackagedFlaps { get; init; } =
        new(PerYear(0.0088), PerYear(0), PerYear(0.0263), 2025, "none in 1 million device-hours: below 3e-6/h at 95 %", Grade.Estimate);

    /// <summary>Latency of one end of a module that retimes both directions, where none is stated.</summary>
    public Sourced<Duration> RetimedModuleLatency { get; init; } = Recalled(60, 50, 100);

    /// <summary>Latency of one end of a module that retimes one direction, where none is stated.</summary>
    public Sourced<Duration> HalfRetimedModuleLatency { get; init; } = Recalled(35, 20, 60);

    /// <summary>Latency of one end of a linear module or an engine on the package, where none is stated.</summary>
    public Sourced<Duration> LinearModuleLatency { get; init; } = Recalled(5, 1, 10);

    /// <summary>Latency of one end of a retimed copper cable, where none is stated.</summary>
    public Sourced<Duration> RetimedCableLatency { get; init; } = Recalled(50, 20, 200);

    /// <summary>Latency of one end of a linear copper cable, where none is stated.</summary>
    public Sourced<Duration> LinearCableLatency { get; init; } = Recalled(1, 0.2, 3);

    /// <summary>Latency of one end of a class of modules for which none is stated.</summary>
    public Sourced<Duration> ModuleLatency(TransceiverClass kind) => kind switch
    {
        TransceiverClass.Linear or TransceiverClass.CoPackaged or TransceiverClass.NearPackaged => LinearModuleLatency,
        TransceiverClass.HalfRetimed => HalfRetimedModuleLatency,
        _ => RetimedModuleLatency,
    };

    /// <summary>Latency of one end of a class of copper cables for which none is stated.</summary>
    public Sourced<Duration> CableLatency(CopperClass kind) => kind switch
    {
        CopperClass.Passive or CopperClass.Cartridge => Sourced<Duration>.Of(Duration.Zero, "no electronics", Grade.Standard),
        CopperClass.Linear => LinearCableLatency,
        _ => RetimedCableLatency,
    };

    /// <summary>Every figure with its name, for listing.</summary>
    public IReadOnlyList<(string Name, ISourced Figure)> All =>
    [
        (nameof(HostSerDes), HostSerDes), (nameof(CoPackagedSerDes), CoPackagedSerDes), (nameof(FecProcessing), FecProcessing),
        (nameof(LowLatencyProcessing), LowLatencyProcessing), (nameof(InnerCodeLatency), InnerCodeLatency),
        (nameof(SoftDecisionLatency), SoftDecisionLatency), (nameof(ElectricalErrorPropagation), ElectricalErrorPropagation),
        (nameof(OpticalErrorPropagation), OpticalErrorPropagation),
        (nameof(LinkRetryProcessing), LinkRetryProcessing), (nameof(RestOfPath), RestOfPath), (nameof(ReflectionAllowance), ReflectionAllowance),
        (nameof(CablePreFecBer), CablePreFecBer), (nameof(OuterCodeBer), OuterCodeBer),
        (nameof(PluggableFailures), PluggableFailures), (nameof(EngineFailures), EngineFailures),
        (nameof(CopperFailures), CopperFailures), (nameof(OpticalFlaps), OpticalFlaps), (nameof(CopperFlaps), CopperFlaps),
        (nameof(CoPackagedFlaps), CoPackagedFlaps), (nameof(RetimedModuleLatency), RetimedModuleLatency),
        (nameof(HalfRetimedModuleLatency), HalfRetimedModuleLatency), (nameof(LinearModuleLatency), LinearModuleLatency),
        (nameof(RetimedCableLatency), RetimedCableLatency), (nameof(LinearCableLatency), LinearCableLatency),
    ];

    static EnergyPerBit Picojoules(double value) => EnergyPerBit.FromPicojoulesPerBit(value);

    static Duration Nanoseconds(double value) => Duration.FromNanoseconds(value);

    static FailureRate Fit(double value) => FailureRate.FromFit(value);

    static FailureRate PerYear(double value) => FailureRate.FromPerYear(value);

    static Sourced<Duration> Recalled(double value, double low, double high) =>
        new(Nanoseconds(value), Nanoseconds(low), Nanoseconds(high), null, "class of module, recalled", Grade.Assumption);
}

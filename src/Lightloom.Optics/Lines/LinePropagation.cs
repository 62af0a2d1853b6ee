// The channels of a spectrum, carried element by element along a line.
//
// State of channel i: three powers in its own band, signal S, amplifier noise A, nonlinear interference N; P = S + A + N.
//
//   attenuator   S, A, N → × 10^(−loss/10)
//   span         connector and attenuator in; r = Σ_j η_ij P_j²; S → S(1−r), A → A(1−r), N → N(1−r) + r P; loss; connector out
//   amplifier    attenuator in; A → A + h f B NF; all × 10^((G − attenuator out)/10)
//   ROADM        all × min(1·10^(−least loss/10), target/P)
//
// At the end, with X = Σ 10^(−OSNR/10) over the transmitter and the ROADMs that add or drop, in 0.1 nm (12.5 GHz):
//   SNR_ASE = 1 / ( A/S + X B/12.5 GHz ) ;  SNR_NLI = S/N ;  GSNR = 1 / ( (A + N)/S + X B/12.5 GHz )       in the signal's band
//   OSNR    = SNR_ASE · B/12.5 GHz, and GSNR likewise                                                        in 0.1 nm
// Along the way CD adds up, PMD and PDL add in quadrature, delays add up.
//
// Example: 80 km of standard fibre at 0.2 dB/km with connectors of 0.5 dB and one amplifier of NF 5.5 dB, 76 channels of 32 GBd
// every 50 GHz from 191.35 THz at 0 dBm: middle channel OSNR 35.4537 dB, SNR_NLI 30.9723 dB, GSNR 28.1569 dB; 1336 ps/nm, 0.392 ms.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>What one channel is worth at the end of a line.</summary>
/// <param name="Frequency">Its centre.</param>
/// <param name="SymbolRate">Its symbol rate.</param>
/// <param name="Power">Its power with all noise in its band.</param>
/// <param name="Osnr">Signal over amplifier noise in 0.1 nm, those of transmitter and ROADMs included.</param>
/// <param name="OsnrInBand">The same in the signal's own band.</param>
/// <param name="SnrNonlinear">Signal over nonlinear interference, in the signal's band.</param>
/// <param name="Gsnr">Signal over all noise in 0.1 nm.</param>
/// <param name="GsnrInBand">The same in the signal's own band.</param>
/// <param name="Dispersion">Accumulated chromatic dispersion, in ps/nm.</param>
/// <param name="PolarizationModeDispersion">Accumulated polarization mode dispersion.</param>
/// <param name="PolarizationDependentLoss">Accumulated polarization-dependent loss.</param>
/// <param name="Delay">Delay of the fibre.</param>
public readonly record struct ChannelQuality(
    Frequency Frequency,
    SymbolRate SymbolRate,
    DecibelMilliwatts Power,
    Decibels Osnr,
    Decibels OsnrInBand,
    Decibels SnrNonlinear,
    Decibels Gsnr,
    Decibels GsnrInBand,
    double Dispersion,
    Duration PolarizationModeDispersion,
    Decibels PolarizationDependentLoss,
    Duration Delay);

/// <summary>What one channel is after an element: one line of the waterfall of a line.</summary>
/// <param name="Element">The element's name.</param>
/// <param name="Power">Power of the channel with all noise in its band.</param>
/// <param name="Osnr">Signal over amplifier noise in 0.1 nm, so far.</param>
/// <param name="SnrNonlinear">Signal over nonlinear interference in the signal's band, so far.</param>
/// <param name="Gsnr">Signal over all noise in 0.1 nm, so far.</param>
public readonly record struct LineStage(string Element, DecibelMilliwatts Power, Decibels Osnr, Decibels SnrNonlinear, Decibels Gsnr);

/// <summary>
/// A line bound to a spectrum: what doesn't depend on launch powers is worked out once, and spans that are alike share it.
/// Propagating again allocates nothing. One instance serves one thread at a time.
/// </summary>
/// <remarks>The bookkeeping is that of GNPy 2.14 (total channel power in the interference), whose results it reproduces.</remarks>
public sealed class LinePropagation
{
    /// <summary>Most elements that a line may have.</summary>
    public const int MaximumElements = 10_000;

    internal const double PlanckConstant = 6.62607015e-34;
    internal const double ReferenceBand = 12.5e9; // 0.1 nm at 1550 nm
    const long MaximumMatrixEntries = 64L << 20; // 512 MiB over all kinds of spans

    readonly Spectrum spectrum;
    readonly int count;
    readonly Step[] steps; // steps[k] does what elements[k] does
    readonly string[] names;
    readonly double[] signal, ase, interference, power; // W, one for each channel
    readonly double[] squares, shares; // padded to whole blocks of vectors
    readonly double[] noiseUnit; // h f B, W
    readonly double[] addedNoise; // X B/12.5 GHz
    readonly double[] launch, dispersion;
    readonly double[] gsnr;
    readonly double polarizationModeDispersion, polarizationDependentLoss, delay;
    readonly double slots; // widths of all slots together, in units of 50 GHz

    /// <summary>Binds a line to a spectrum.</summary>
    /// <exception cref="InputException">An element is impossible, or a channel lies where an element doesn't work.</exception>
    public LinePropagation(Spectrum spectrum, IReadOnlyList<LineElement> elements)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(elements);
        if (elements.Count > MaximumElements)
            throw new InputException($"a line may have at most {MaximumElements} elements; it has {elements.Count}");
        var kinds = elements.OfType<FibreSpan>().Select(s => s.Core).Distinct().Count();
        if ((long)kinds * spectrum.Count * NonlinearInterference.StrideOf(spectrum.Count) > MaximumMatrixEntries)
            throw new InputException($"{spectrum.Count} channels over {kinds} kinds of spans are more than is kept in memory; use fewer channels or equal spans");
        this.spectrum = spectrum;
        count = spectrum.Count;
        (signal, ase, interference, power) = (new double[count], new double[count], new double[count], new double[count]);
        (launch, dispersion, noiseUnit, addedNoise, gsnr) = (new double[count], new double[count], new double[count], new double[count], new double[count]);
        (squares, shares) = (new double[count], new double[NonlinearInterference.StrideOf(count)]);
        for (var i = 0; i < count; i++)
        {
            var channel = spectrum[i];
            launch[i] = channel.LaunchPower.Power.Watts;
            noiseUnit[i] = PlanckConstant * channel.Frequency.Hertz * channel.SymbolRate.Baud;
            slots += channel.SlotWidth.Hertz / 50e9;
            if (channel.TransmitOsnr is { } osnr) addedNoise[i] = 1 / osnr.Ratio;
        }
        steps = new Step[elements.Count];
        names = new string[elements.Count];
        var shared = new Dictionary<FibreSpan, NonlinearInterference>();
        double pmd = 0, pdl = 0;
        for (var k = 0; k < elements.Count; k++)
        {
            names[k] = elements[k]?.Name ?? "";
            switch (elements[k])
            {
                case Attenuator attenuator:
                    attenuator.AtLeastZero(attenuator.Loss.Si, "a loss");
                    steps[k] = new Scale(Linear(-attenuator.Loss.Si));
                    break;
                case FibreSpan span:
                    steps[k] = Bind(span, shared);
                    pmd += Square(span.Type.PolarizationModeDispersion * 1e-12) * span.Length.Kilometers;
                    delay += span.Delay.Seconds;
                    break;
                case LineAmplifier amplifier:
                    amplifier.Check(spectrum);
                    steps[k] = new Amplify(amplifier);
                    pmd += Square(amplifier.Model.PolarizationModeDispersion.Si);
                    pdl += Square(amplifier.Model.PolarizationDependentLoss.Si);
                    break;
                case Roadm roadm:
                    steps[k] = Bind(roadm);
                    pmd += Square(roadm.PolarizationModeDispersion.Si);
                    pdl += Square(roadm.PolarizationDependentLoss.Si);
                    break;
                default:
                    throw new InputException($"element {k + 1} of the line is missing");
            }
        }
        for (var i = 0; i < count; i++) addedNoise[i] *= spectrum[i].SymbolRate.Baud / ReferenceBand;
        (polarizationModeDispersion, polarizationDependentLoss) = (Math.Sqrt(pmd), Math.Sqrt(pdl));
        Propagate();
    }

    /// <summary>The channels that it carries.</summary>
    public Spectrum Spectrum => spectrum;

    /// <summary>Whether noise of amplifiers is part of the line.</summary>
    public bool IsAmplified => Array.Exists(steps, s => s is Amplify { IsNoisy: true });

    /// <summary>Signal over all noise in 0.1 nm, in dB, of each channel at the end of the last run.</summary>
    public ReadOnlySpan<double> GsnrDecibels => gsnr;

    /// <summary>Everything about a channel at the end of the last run.</summary>
    public ChannelQuality this[int channel]
    {
        get
        {
            var given = spectrum[channel];
            var band = given.SymbolRate.Baud / ReferenceBand;
            var fromAmplifiers = Decibels.FromRatio(1 / (ase[channel] / signal[channel] + addedNoise[channel]));
            var inBand = Decibels.FromRatio(1 / ((ase[channel] + interference[channel]) / signal[channel] + addedNoise[channel]));
            var toReference = Decibels.FromRatio(band);
            return new(given.Frequency, given.SymbolRate,
                DecibelMilliwatts.FromPower(Power.FromWatts(signal[channel] + ase[channel] + interference[channel])),
                fromAmplifiers + toReference, fromAmplifiers, Decibels.FromRatio(signal[channel] / interference[channel]),
                inBand + toReference, inBand, dispersion[channel], Duration.FromSeconds(polarizationModeDispersion),
                Decibels.FromDecibels(polarizationDependentLoss), Duration.FromSeconds(delay));
        }
    }

    /// <summary>Carries the channels with the launch powers of the spectrum.</summary>
    public void Propagate() => Propagate(launch);

    /// <summary>Carries the channels, all launched with one power.</summary>
    public void Propagate(DecibelMilliwatts perChannel)
    {
        var watts = perChannel.Power.Watts;
        if (!(watts > 0 && double.IsFinite(watts))) throw new InputException($"a launch power must be finite; it is {perChannel}");
        signal.AsSpan().Fill(watts);
        Run();
    }

    /// <summary>Carries the channels, each launched with a power of its own.</summary>
    /// <param name="launchWatts">Power of each channel in W.</param>
    /// <exception cref="InputException">There isn't one positive, finite power for each channel.</exception>
    public void Propagate(ReadOnlySpan<double> launchWatts)
    {
        if (launchWatts.Length != count)
            throw new InputException($"{count} channels need {count} launch powers; there are {launchWatts.Length}");
        foreach (var watts in launchWatts)
            if (!(watts > 0 && double.IsFinite(watts)))
                throw new InputException($"a launch power must be positive and finite; it is {watts} W");
        launchWatts.CopyTo(signal);
        Run();
    }

    /// <summary>The waterfall of one channel, all channels launched with one power: what is left after each element.</summary>
    public IReadOnlyList<LineStage> Trace(DecibelMilliwatts perChannel, int channel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)count, nameof(channel));
        Propagate(perChannel);
        signal.AsSpan().Fill(perChannel.Power.Watts);
        return Stages(channel);
    }

    /// <summary>The waterfall of one channel, the channels launched with the powers of the spectrum.</summary>
    public IReadOnlyList<LineStage> Trace(int channel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)count, nameof(channel));
        Propagate();
        launch.CopyTo(signal, 0);
        return Stages(channel);
    }

    LineStage[] Stages(int channel)
    {
        var stages = new LineStage[steps.Length];
        Clear();
        var toReference = Decibels.FromRatio(spectrum[channel].SymbolRate.Baud / ReferenceBand);
        for (var k = 0; k < steps.Length; k++)
        {
            steps[k].Apply(this);
            double s = signal[channel], a = ase[channel], n = interference[channel];
            stages[k] = new(names[k], DecibelMilliwatts.FromPower(Power.FromWatts(s + a + n)), Decibels.FromRatio(s / a) + toReference,
                Decibels.FromRatio(s / n), Decibels.FromRatio(s / (a + n)) + toReference);
        }
        return stages;
    }

    /// <summary>Amplifier noise over signal and interference over signal of a channel at the end of the last run, in its band.</summary>
    internal (double Ase, double Interference) NoiseToSignal(int channel) =>
        (ase[channel] / signal[channel], interference[channel] / signal[channel]);

    internal double AddedNoise(int channel) => addedNoise[channel];

    void Clear()
    {
        ase.AsSpan().Clear();
        interference.AsSpan().Clear();
    }

    void Run()
    {
        Clear();
        foreach (var step in steps) step.Apply(this);
        for (var i = 0; i < count; i++)
        {
            var noise = (ase[i] + interference[i]) / signal[i] + addedNoise[i];
            gsnr[i] = -10 * Math.Log10(noise * ReferenceBand / spectrum[i].SymbolRate.Baud);
        }
    }

    Step Bind(FibreSpan span, Dictionary<FibreSpan, NonlinearInterference> shared)
    {
        span.Check(spectrum);
        if (!shared.TryGetValue(span.Core, out var efficiencies))
        {
            efficiencies = new(spectrum, span);
            shared.Add(span.Core, efficiencies);
        }
        var through = new double[count];
        var kilometers = span.Length.Kilometers;
        var atPlaces = span.LumpedLosses.Sum(l => l.Loss.Si) + span.ConnectorOut.Si;
        for (var i = 0; i < count; i++)
        {
            var frequency = spectrum[i].Frequency;
            through[i] = Linear(-atPlaces - span.PerMeter(frequency) * span.Length.Meters);
            dispersion[i] += span.Type.AccumulatedDispersion(frequency) * kilometers;
        }
        return new Traverse(Linear(-span.ConnectorIn.Si - span.AttenuatorIn.Si), through, efficiencies);
    }

    Equalise Bind(Roadm roadm)
    {
        roadm.Check();
        var target = new double[count];
        for (var i = 0; i < count; i++)
        {
            target[i] = (roadm.Target.For(spectrum[i]) + spectrum[i].EqualisationOffset).Power.Watts;
            if (roadm.AddOrDropOsnr is { } osnr) addedNoise[i] += 1 / osnr.Ratio;
        }
        return new(Linear(-roadm.LeastLoss.Si), target);
    }

    static double Linear(double decibels) => Math.Pow(10, decibels / 10);

    static double Square(double value) => value * value;

    /// <summary>What one element does to the state of a line.</summary>
    abstract class Step
    {
        public abstract void Apply(LinePropagation line);
    }

    sealed class Scale(double factor) : Step
    {
        public override void Apply(LinePropagation line)
        {
            for (var i = 0; i < line.count; i++)
            {
                line.signal[i] *= factor;
                line.ase[i] *= factor;
                line.interference[i] *= factor;
            }
        }
    }

    sealed class Traverse(double inward, double[] through, NonlinearInterference efficiencies) : Step
    {
        public override void Apply(LinePropagation line)
        {
            double[] signal = line.signal, ase = line.ase, interference = line.interference, power = line.power, squares = line.squares;
            for (var i = 0; i < line.count; i++)
            {
                var total = (signal[i] + ase[i] + interference[i]) * inward;
                power[i] = total;
                squares[i] = total * total;
            }
            efficiencies.Shares(squares, line.shares);
            for (var i = 0; i < line.count; i++)
            {
                // More interference than there is power is beyond a perturbation: then next to nothing is left of the signal.
                var share = Math.Min(line.shares[i], 1 - 1e-12);
                var kept = (1 - share) * inward * through[i];
                signal[i] *= kept;
                ase[i] *= kept;
                interference[i] = interference[i] * kept + share * power[i] * through[i];
            }
        }
    }

    sealed class Amplify(LineAmplifier amplifier) : Step
    {
        readonly double inward = Linear(-amplifier.AttenuatorIn.Si);
        readonly double gain = amplifier.Gain.Si;
        readonly double attenuatorOut = amplifier.AttenuatorOut.Si;
        readonly AmplifierModel model = amplifier.Model;
        readonly double largest = amplifier.Model.OutputMaximum?.Si ?? double.PositiveInfinity;

        public bool IsNoisy => !ReferenceEquals(model.Noise, NoiseFigure.None);

        public override void Apply(LinePropagation line)
        {
            double[] signal = line.signal, ase = line.ase, interference = line.interference;
            var total = 0.0;
            for (var i = 0; i < line.count; i++) total += signal[i] + ase[i] + interference[i];
            var input = 10 * Math.Log10(total * inward * 1e3);
            var effective = Math.Min(gain, largest - input);
            var figure = model.Noise.WithPadding(effective, model.GainMinimum.Si, model.GainFlatMaximum.Si, input - 10 * Math.Log10(line.slots));
            var noise = Linear(figure);
            var outward = Linear(effective - attenuatorOut);
            var factor = inward * outward;
            noise *= outward;
            for (var i = 0; i < line.count; i++)
            {
                signal[i] *= factor;
                ase[i] = ase[i] * factor + line.noiseUnit[i] * noise;
                interference[i] *= factor;
            }
        }
    }

    sealed class Equalise(double least, double[] target) : Step
    {
        public override void Apply(LinePropagation line)
        {
            for (var i = 0; i < line.count; i++)
            {
                var total = line.signal[i] + line.ase[i] + line.interference[i];
                var factor = Math.Min(least, target[i] / total);
                line.signal[i] *= factor;
                line.ase[i] *= factor;
                line.interference[i] *= factor;
            }
        }
    }
}

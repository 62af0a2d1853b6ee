// A receiver of intensity-modulated light: photodiode, amplifier and slicers, under thermal, shot and intensity noise.
//
//   N      levels: 4 (PAM4) or 2 (NRZ);  b = log2 N bits a symbol
//   OMA    outer optical modulation amplitude, P_N − P_1                                W
//   e      extinction ratio P_N/P_1
//   P_i  = OMA · ( 1/(e−1) + (i−1)/(N−1) )                                               W
//   P_avg = OMA/2 · (e+1)/(e−1)                            mean of the P_i               W
//   B_n  = 0.5 · symbol rate                               noise bandwidth               Hz
//   s_i² = i_n² B_n + 2 q R P_i B_n + RIN (R P_i)² B_n     noise of level i              A²
//   R      responsivity, at most q λ/(h c)                                               A/W
//   i_n    noise current density of the amplifier                                        A/√Hz
//   RIN    relative intensity noise of the laser                                         1/Hz
//   c      eye closure, TDECQ or SECQ: opening · 10^(−c/10)                              dB
//   x_i  = 10^(−c/10) · R (P_(i+1) − P_i) / (s_i + s_(i+1))    threshold where both sides err alike
//   BER  = 2/(N b) · Σ Q(x_i)                              Gray code: one bit for a slip over one threshold
//
// The thermal part falls against the signal as OMA grows, the part of RIN doesn't: the error ratio has a floor,
//   x_i → 10^(−c/10) · (P_(i+1) − P_i) / ( √(RIN B_n) (P_i + P_(i+1)) ),
// and where the floor lies above the error ratio that is asked for, no OMA is enough.
//
// A closed eye costs just its decibels under thermal noise and more under RIN. TDECQ as it is measured contains the transmitter's own
// RIN, so that a measured TDECQ together with that RIN counts it twice and errs on the safe side.
//
// Example: R = 0.8 A/W, 18 pA/√Hz, extinction ratio 5 dB, BER 2.4e-4 (KP4). 53.125 GBd: OMA −10.2 dBm with RIN −136 dB/Hz, −11.1
// without. 106.25 GBd: −6.3 with −136, −8.6 with −139, −9.56 without. With an inner code (113.4375 GBd, BER 4.85e-3): −9.9.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>The least OMA at which a receiver keeps to an error ratio, or that there is none.</summary>
/// <param name="Level">The OMA; null where noise that grows with the signal keeps the error ratio above the one asked for.</param>
/// <param name="ErrorFloor">Error ratio that no OMA gets below.</param>
public readonly record struct OmaSensitivity(DecibelMilliwatts? Level, double ErrorFloor)
{
    /// <summary>Whether any OMA is enough.</summary>
    public bool Exists => Level.HasValue;

    /// <summary>The level, or why there is none.</summary>
    public override string ToString() =>
        Level is { } level ? level.ToString()
        : ErrorFloor == 0 ? "none up to 1 kW"
        : $"none: intensity noise keeps the bit error ratio above {Quantity.Round(ErrorFloor, 3)}";
}

/// <summary>A PAM4 or NRZ receiver under thermal, shot and relative intensity noise.</summary>
/// <remarks>
/// Gaussian noise, white up to the noise bandwidth, optimal thresholds, Gray code, no slips over two levels. Agrawal, Fiber-Optic
/// Communication Systems, chapter 4; IEEE 802.3 clause 121 for OMA and TDECQ. Nothing here allocates.
/// </remarks>
public sealed record PamReceiver
{
    // Sensitivities are sought between these levels; a floor is told from a level that is merely high by its closed form.
    const double LeastDbm = -80, MostDbm = 60;

    /// <summary>How bits become levels.</summary>
    public LineCode Code { get; init; } = LineCode.Pam4;

    /// <summary>Symbols per second.</summary>
    public required SymbolRate SymbolRate { get; init; }

    /// <summary>Current per received power.</summary>
    public required Responsivity Responsivity { get; init; }

    /// <summary>Noise of the amplifier, referred to its input.</summary>
    public required NoiseCurrentDensity AmplifierNoise { get; init; }

    /// <summary>Power of the highest level over that of the lowest; infinite for a transmitter that goes dark.</summary>
    public required Decibels ExtinctionRatio { get; init; }

    /// <summary>Intensity noise of the laser.</summary>
    public RelativeIntensityNoise IntensityNoise { get; init; } = RelativeIntensityNoise.None;

    /// <summary>Eye closure of the transmitter and the fibre (TDECQ), or of a stressed test (SECQ).</summary>
    public Decibels EyeClosure { get; init; }

    /// <summary>Noise bandwidth over symbol rate.</summary>
    public double BandwidthPerBaud { get; init; } = 0.5;

    /// <summary>Bandwidth that noise is taken in over.</summary>
    public Frequency NoiseBandwidth => Frequency.FromHertz(BandwidthPerBaud * SymbolRate.Baud);

    /// <summary>Levels of the code.</summary>
    public int Levels => LevelsOf(Code);

    /// <summary>Bits of a symbol.</summary>
    public int BitsPerSymbol => BitsOf(Code);

    internal static int LevelsOf(LineCode code) => code == LineCode.Nrz ? 2 : 4;

    internal static int BitsOf(LineCode code) => code == LineCode.Nrz ? 1 : 2;

    /// <summary>Mean power at an OMA: OMA/2 · (e+1)/(e−1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The extinction ratio is not above 0 dB.</exception>
    public static DecibelMilliwatts AveragePower(DecibelMilliwatts oma, Decibels extinctionRatio) =>
        oma + Decibels.FromRatio(0.5 + LowestPerOma(extinctionRatio));

    /// <summary>Mean power at an OMA, with this receiver's extinction ratio.</summary>
    public DecibelMilliwatts AveragePower(DecibelMilliwatts oma) => AveragePower(oma, ExtinctionRatio);

    /// <summary>Received power of a level, 0 the lowest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public Power LevelPower(DecibelMilliwatts oma, int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, Levels);
        return oma.Power * (LowestPerOma(ExtinctionRatio) + level / (Levels - 1.0));
    }

    /// <summary>Distance of the two levels of an eye from its threshold in standard deviations of the noise, 0 the lowest eye.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such eye.</exception>
    public double Spacing(DecibelMilliwatts oma, int eye)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(eye);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(eye, Levels - 1);
        return Spacing(oma.Power.Watts, LowestPerOma(ExtinctionRatio), eye);
    }

    /// <summary>Bit error ratio before correction at an OMA; that of guessing at no light.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The extinction ratio is not above 0 dB.</exception>
    public double BitErrorRatio(DecibelMilliwatts oma)
    {
        var lowest = LowestPerOma(ExtinctionRatio);
        var watts = oma.Power.Watts;
        double sum = 0;
        for (var eye = 0; eye < Levels - 1; eye++) sum += GaussianTail.Q(Spacing(watts, lowest, eye));
        return sum * 2 / (Levels * BitsPerSymbol);
    }

    /// <summary>Bit error ratio that no OMA gets below; 0 without intensity noise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The extinction ratio is not above 0 dB.</exception>
    public double ErrorFloor()
    {
        var noise = Math.Sqrt(IntensityNoise.PerHertz * NoiseBandwidth.Hertz);
        if (noise == 0) return 0;
        var (lowest, step, open) = (LowestPerOma(ExtinctionRatio), 1 / (Levels - 1.0), 1 / EyeClosure.Ratio);
        double sum = 0;
        for (var eye = 0; eye < Levels - 1; eye++)
            sum += GaussianTail.Q(open * step / (noise * (2 * lowest + (2 * eye + 1) * step)));
        return sum * 2 / (Levels * BitsPerSymbol);
    }

    /// <summary>The least OMA at which the bit error ratio before correction is a given one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and what pure noise gives.</exception>
    public OmaSensitivity Sensitivity(double bitErrorRatio)
    {
        _ = Code.Spacing(bitErrorRatio); // throws for a ratio that noise alone can't give
        var floor = ErrorFloor();
        if (floor >= bitErrorRatio || BitErrorRatio(DecibelMilliwatts.FromDbm(MostDbm)) > bitErrorRatio) return new(null, floor);
        // The error ratio falls with OMA all the way; 52 halvings of 140 dB leave nothing that a double could tell.
        double low = LeastDbm, high = MostDbm;
        for (var i = 0; i < 52; i++)
        {
            var middle = (low + high) / 2;
            if (BitErrorRatio(DecibelMilliwatts.FromDbm(middle)) > bitErrorRatio) low = middle;
            else high = middle;
        }
        return new(DecibelMilliwatts.FromDbm(high), floor);
    }

    /// <summary>What the eye closure and the intensity noise cost in OMA against a clean transmitter; null where no OMA is enough.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not strictly between 0 and what pure noise gives.</exception>
    public Decibels? Penalty(double bitErrorRatio) =>
        Sensitivity(bitErrorRatio).Level is { } level
        && (this with { IntensityNoise = RelativeIntensityNoise.None, EyeClosure = Decibels.Zero }).Sensitivity(bitErrorRatio).Level is { } clean
            ? level - clean
            : null;

    double Spacing(double oma, double lowest, int eye)
    {
        var step = 1 / (Levels - 1.0);
        var noise = Noise(oma * (lowest + eye * step)) + Noise(oma * (lowest + (eye + 1) * step));
        var signal = Responsivity.AmperesPerWatt * oma * step / EyeClosure.Ratio;
        return signal == 0 ? 0 : signal / noise;
    }

    // Standard deviation of the current at a received power, A.
    double Noise(double watts)
    {
        var current = Responsivity.AmperesPerWatt * watts;
        return Math.Sqrt(NoiseBandwidth.Hertz * (AmplifierNoise.Si * AmplifierNoise.Si
            + current * (2 * PhysicalConstants.ElementaryCharge + IntensityNoise.PerHertz * current)));
    }

    // P_1/OMA = 1/(e-1), which is 0 for a transmitter that goes dark.
    static double LowestPerOma(Decibels extinctionRatio) => extinctionRatio.Si > 0
        ? 1 / (extinctionRatio.Ratio - 1)
        : throw new ArgumentOutOfRangeException(nameof(extinctionRatio), extinctionRatio, "an extinction ratio above 0 dB is needed");
}

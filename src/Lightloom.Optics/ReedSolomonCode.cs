// What a Reed-Solomon code leaves of random bit errors.
//
//   n, k    symbols of a codeword, of which k carry data;  t = (n-k)/2 symbols can be corrected
//   m       bits of a symbol (10)
//   p       bit error ratio before correction
//   p_s   = 1 - (1-p)^m                     symbol error ratio
//   UCR   = P[ Binomial(n, p_s) > t ]       uncorrectable codeword ratio
//   FLR   = UCR · (1 + F/C)                 frame loss ratio: a frame of F bits touches 1 + F/C codewords of C data bits on average
//
// C counts the 256-bit blocks inside the 257-bit transcoded ones: 5120 for KP4, 2560 for the low-latency code, so that eight
// (four) 64-octet frames with their gaps, 640 bits each, fill a codeword and FLR = 1.125 (1.25) UCR.
//
// Example: RS(544,514) at p = 2.4e-4 gives UCR 8.15e-13; at 3.7677e-4, the limit that the low-latency FEC agreement quotes for a
// frame loss ratio of 6.2e-10, UCR 5.59e-10 and FLR 6.29e-10.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A Reed-Solomon code and what it leaves of random bit errors.</summary>
/// <remarks>Exact binomial tail; IEEE 802.3 clauses 91 and 119 for the codes. Errors in bursts leave more.</remarks>
public sealed class ReedSolomonCode
{
    readonly double logFirst; // ln C(n, t+1)

    /// <summary>Makes a code.</summary>
    /// <param name="symbols">Symbols of a codeword.</param>
    /// <param name="dataSymbols">Symbols that carry data.</param>
    /// <param name="symbolBits">Bits of a symbol.</param>
    /// <param name="payloadBits">Bits of 64b-blocks that a codeword carries, without the transcoding's flags.</param>
    /// <exception cref="ArgumentOutOfRangeException">The counts make no code.</exception>
    public ReedSolomonCode(int symbols, int dataSymbols, int symbolBits, int payloadBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dataSymbols, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(symbols, dataSymbols);
        ArgumentOutOfRangeException.ThrowIfLessThan(symbolBits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(payloadBits, 1);
        Symbols = symbols;
        DataSymbols = dataSymbols;
        SymbolBits = symbolBits;
        PayloadBits = payloadBits;
        for (var i = 1; i <= Correctable + 1; i++) logFirst += Math.Log(symbols - Correctable - 1 + i) - Math.Log(i);
    }

    /// <summary>RS(544,514) over 10-bit symbols, called KP4.</summary>
    public static ReedSolomonCode Kp4 { get; } = new(544, 514, 10, 5120);

    /// <summary>RS(272,258) over 10-bit symbols, the low-latency code.</summary>
    public static ReedSolomonCode LowLatency { get; } = new(272, 258, 10, 2560);

    /// <summary>The frame for which standards state a loss ratio: 64 octets, with preamble and gap.</summary>
    public static DataSize ReferenceFrame { get; } = DataSize.FromBits(640);

    /// <summary>Symbols of a codeword.</summary>
    public int Symbols { get; }

    /// <summary>Symbols that carry data.</summary>
    public int DataSymbols { get; }

    /// <summary>Bits of a symbol.</summary>
    public int SymbolBits { get; }

    /// <summary>Bits of 64b-blocks that a codeword carries.</summary>
    public int PayloadBits { get; }

    /// <summary>Wrong symbols of a codeword that can be corrected.</summary>
    public int Correctable => (Symbols - DataSymbols) / 2;

    /// <summary>Bits of a codeword on the wire.</summary>
    public int CodewordBits => Symbols * SymbolBits;

    /// <summary>Share of wrong symbols at a random bit error ratio.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 1.</exception>
    public double SymbolErrorRatio(double bitErrorRatio)
    {
        if (!(bitErrorRatio is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(bitErrorRatio), bitErrorRatio, "a bit error ratio is between 0 and 1");
        // 1-(1-p)^m as p·Σ(1-p)^i, which loses nothing to cancellation when p is small.
        double sum = 0, power = 1;
        for (var i = 0; i < SymbolBits; i++)
        {
            sum += power;
            power *= 1 - bitErrorRatio;
        }
        return Math.Min(1, bitErrorRatio * sum);
    }

    /// <summary>Share of codewords that can't be corrected, at a random bit error ratio.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not between 0 and 1.</exception>
    public double UncorrectableRatio(double bitErrorRatio)
    {
        var wrong = SymbolErrorRatio(bitErrorRatio);
        if (wrong == 0) return 0;
        if (wrong >= 1) return 1;
        var j = Correctable + 1;
        // Beyond the mean the tail is summed upwards; before it the complement is, so that no starting term underflows.
        if (wrong * Symbols > j)
        {
            double term = Math.Exp(Symbols * Math.Log(1 - wrong)), below = term;
            for (var i = 0; i < j - 1; i++)
            {
                term *= (double)(Symbols - i) / (i + 1) * (wrong / (1 - wrong));
                below += term;
            }
            return Math.Clamp(1 - below, 0, 1);
        }
        var next = Math.Exp(logFirst + j * Math.Log(wrong) + (Symbols - j) * Math.Log(1 - wrong));
        var sum = next;
        for (; j < Symbols && next > sum * 1e-17; j++)
        {
            next *= (double)(Symbols - j) / (j + 1) * (wrong / (1 - wrong));
            sum += next;
        }
        return Math.Min(1, sum);
    }

    /// <summary>Share of frames lost, at a share of uncorrectable codewords.</summary>
    /// <param name="uncorrectableRatio">Share of codewords that can't be corrected.</param>
    /// <param name="frame">A frame with its preamble and gap on the wire.</param>
    public double FrameLossRatio(double uncorrectableRatio, DataSize frame) =>
        Math.Min(1, uncorrectableRatio * (1 + frame.Bits / PayloadBits));
}

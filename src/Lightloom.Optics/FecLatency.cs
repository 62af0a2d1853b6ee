// Time that forward error correction adds to a hop: a decoder must hold whole codewords before it can correct them.
//
//   t = n_cw · n·m / R_line + t_proc
//
//   n_cw    codewords that are interleaved: 1 at 100 Gb/s, 2 at 200 and 400, 4 from 800 Gb/s on
//   n·m     bits of a codeword (5440 for KP4, 2720 for the low-latency code)
//   R_line  encoded rate = R · 257/256 · 544/514 = 1.0625 R  (R the rate of the link)
//   t_proc  encoder 3 ns + alignment 3 ns + syndrome, key equation, search and correction 31 ns = 37 ns with a 1 GHz core
//
// Example: 800 Gb/s: 4·5440/850 + 37 = 62.6 ns; 1.6 Tb/s: 49.8 ns; 400 Gb/s: 62.6 ns; 100 Gb/s on one lane: 88.2 ns.
// Published for 100 Gb/s Ethernet: a block of 51 ns and 50 to 100 ns of processing (Gustlin, 802.3ck 2018); the standard allows 409.6 ns.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Latency of forward error correction, encoder and decoder of one hop together.</summary>
/// <remarks>Codeword accumulation by IEEE 802.3 clauses 91, 119 and 172; processing after a contribution to P802.3dj.</remarks>
public static class FecLatency
{
    const double EncodedShare = 257.0 / 256 * 544 / 514;

    /// <summary>Codewords that are interleaved at a rate.</summary>
    public static int InterleavedCodewords(Bandwidth rate) =>
        rate.GigabitsPerSecond < 150 ? 1 : rate.GigabitsPerSecond < 600 ? 2 : 4;

    /// <summary>Latency of a hop's error correction.</summary>
    /// <param name="scheme">The code.</param>
    /// <param name="rate">Rate of the link, one direction, before encoding.</param>
    /// <param name="assumptions">Times of processing; the default ones if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive and finite.</exception>
    public static Duration Of(FecScheme scheme, Bandwidth rate, LinkAssumptions? assumptions = null)
    {
        if (!(rate.Si > 0) || !double.IsFinite(rate.Si))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "a rate above 0 is needed");
        var given = assumptions ?? LinkAssumptions.Default;
        return scheme switch
        {
            FecScheme.None => Duration.Zero,
            // Rows of a staircase or a turbo product wait for each other; nothing is accumulated in whole codewords of a known length.
            FecScheme.Concatenated or FecScheme.Open => given.SoftDecisionLatency.Value,
            FecScheme.LowLatency => Accumulation(ReedSolomonCode.LowLatency, rate) + given.LowLatencyProcessing.Value,
            FecScheme.Kp4WithHamming =>
                Accumulation(ReedSolomonCode.Kp4, rate) + given.FecProcessing.Value + given.InnerCodeLatency.Value,
            _ => Accumulation(ReedSolomonCode.Kp4, rate) + given.FecProcessing.Value,
        };
    }

    static Duration Accumulation(ReedSolomonCode code, Bandwidth rate) =>
        Duration.FromSeconds(InterleavedCodewords(rate) * code.CodewordBits / (rate.BitsPerSecond * EncodedShare));
}

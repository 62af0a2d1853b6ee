// What a Reed-Solomon code leaves of errors that come in bursts, as decision feedback makes them: a wrong decision makes the next
// one wrong with probability a.
//
//   p      bit error ratio before correction, all errors counted;  a wrong line symbol has one wrong bit (Gray code)
//   b      bits of a line symbol (2 for PAM4, 1 for NRZ);  k = m/b line symbols in a code symbol of m bits
//   w = b p                            share of wrong line symbols
//   a      probability that a wrong decision follows a wrong one;  s that one follows a right one
//   s = w (1−a)/(1−w)                  keeps the share of wrong decisions at w;  mean burst 1/(1−a) line symbols
//   with 1/(1+D) precoding a burst leaves one wrong symbol at its start and one behind its end:
//   s = w (1−a)/(2(1−a)−w)
//   I      codewords interleaved symbol by symbol: (I−1) k line symbols pass between two symbols of one codeword
//
// Exact: the two-state Markov chain (was the last decision wrong?) is carried over the n code symbols of a codeword together with
// the count of code symbols hit so far; UCR is the probability that it ends above t. All terms are positive, so that no digit is lost
// however small UCR is. Cost: 8 n (t+2) multiplications.
//
// Separate bursts: standards' contributions count differently. A codeword holds Binomial(n, p m (1−a)) bursts, a burst beginning
// anywhere in a code symbol touches i of them with probability W(i), and what bursts touch adds up:
//   P[burst touches more than i] = 1/k Σ_(o=0..k−1) a^(i k − o)   for i ≥ 1;      UCR = Σ_j P[j bursts] P[W1 + … + Wj > t]
// It counts twice a code symbol that two bursts touch, and so is a little pessimistic.
//
// Example: KP4 fed 3.7677e-4 random errors has UCR 5.59e-10, the limit of the low-latency FEC agreement. With a = 0.75 separate bursts
// reach that UCR at p = 5.785e-5 (the agreement prints 5.79e-5), the exact chain at 5.92e-5, with precoding at 1.60e-4, with two
// codewords in turn at 5.59e-4: more than random errors, as a burst packs them into fewer symbols. RS(272,258) alone bears 9.2e-9 at its
// UCR of 4.98e-10, for one burst in 12,000 is long enough to beat it; two codewords in turn bear 3.15e-5.

using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>How errors follow each other on a line.</summary>
/// <param name="Continuation">Probability that a wrong decision is followed by another, at least 0 and below 1.</param>
/// <param name="Code">How bits become levels: a decision is one of PAM4 or NRZ.</param>
/// <param name="InterleavedCodewords">Codewords whose symbols take turns on the lane, at least 1.</param>
/// <param name="Precoded">Whether the line is 1/(1+D) precoded, which makes two errors of any burst.</param>
/// <remarks>
/// The default value interleaves no codeword at all and is refused. At a continuation of 0 a wrong decision is never followed by
/// another, which for error ratios far below 1 is as good as independent; a continuation of w is exactly that.
/// </remarks>
public readonly record struct ErrorPropagation(
    double Continuation, LineCode Code = LineCode.Pam4, int InterleavedCodewords = 1, bool Precoded = false);

/// <summary>Reed-Solomon codes under bursts of errors.</summary>
/// <remarks>
/// First-order Markov model of decision feedback; IEEE 802.3bj and 802.3bs task force contributions (Anslow 2013, Wang 2014) for the
/// counting of separate bursts; Low-Latency FEC, 25/50G Ethernet Consortium, for its example. Nothing here allocates.
/// </remarks>
public static class BurstErrors
{
    // Longer codes than any in use would want an array; 30 kB of stack are safe anywhere.
    const int MostCorrectable = 512;

    /// <summary>Share of codewords that can't be corrected, by the exact chain.</summary>
    /// <param name="code">The code.</param>
    /// <param name="bitErrorRatio">Bit error ratio before correction, all errors of all bursts counted.</param>
    /// <param name="propagation">How errors follow each other.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is more than such bursts can give, or the propagation is none.</exception>
    /// <exception cref="ArgumentException">A code symbol is no whole number of line symbols, or the code corrects more than 512 symbols.</exception>
    public static double UncorrectableRatio(ReedSolomonCode code, double bitErrorRatio, ErrorPropagation propagation)
    {
        var steps = Check(code, propagation);
        var (a, s) = (propagation.Continuation, Start(bitErrorRatio, propagation));
        if (s == 0) return 0;

        // One code symbol: from state i to state j with no error (kept) or with some (hit); then the other codewords' symbols pass.
        Span<double> kept = stackalloc double[4], hit = stackalloc double[4], line = [1 - s, s, 1 - a, a];
        Span<double> clean = stackalloc double[2], dirty = stackalloc double[2];
        for (var i = 0; i < 2; i++)
        {
            clean.Clear();
            dirty.Clear();
            clean[i] = 1;
            for (var step = 0; step < steps; step++)
            {
                // A wrong decision shows where it is made; precoded, only where right and wrong meet.
                var (toRight, toWrong) = (clean[0] * line[0], clean[1] * line[3]);
                var (rightToWrong, wrongToRight) = (clean[0] * line[1], clean[1] * line[2]);
                var (nextRight, nextWrong) = (dirty[0] * line[0] + dirty[1] * line[2], dirty[0] * line[1] + dirty[1] * line[3]);
                clean[0] = propagation.Precoded ? toRight : toRight + wrongToRight;
                clean[1] = propagation.Precoded ? toWrong : 0;
                dirty[0] = propagation.Precoded ? nextRight + wrongToRight : nextRight;
                dirty[1] = nextWrong + rightToWrong + (propagation.Precoded ? 0 : toWrong);
            }
            (kept[2 * i], kept[2 * i + 1], hit[2 * i], hit[2 * i + 1]) = (clean[0], clean[1], dirty[0], dirty[1]);
        }
        for (var pass = 0; pass < (propagation.InterleavedCodewords - 1) * steps; pass++)
        {
            Follow(kept, line);
            Follow(hit, line);
        }

        // counts[2 c + j]: probability that c code symbols are hit so far and the last decision was right (j = 0) or wrong (1).
        var last = code.Correctable + 1;
        Span<double> counts = stackalloc double[2 * (last + 1)];
        counts.Clear();
        counts[0] = (1 - a) / (1 - a + s);
        counts[1] = s / (1 - a + s);
        for (var symbol = 0; symbol < code.Symbols; symbol++)
        {
            for (var c = Math.Min(last, symbol + 1); c >= 0; c--)
            {
                var (right, wrong) = (counts[2 * c], counts[2 * c + 1]);
                var newRight = right * kept[0] + wrong * kept[2];
                var newWrong = right * kept[1] + wrong * kept[3];
                if (c == last) // more than can be corrected stays more
                {
                    newRight += right * hit[0] + wrong * hit[2];
                    newWrong += right * hit[1] + wrong * hit[3];
                }
                if (c > 0)
                {
                    var (fewerRight, fewerWrong) = (counts[2 * c - 2], counts[2 * c - 1]);
                    newRight += fewerRight * hit[0] + fewerWrong * hit[2];
                    newWrong += fewerRight * hit[1] + fewerWrong * hit[3];
                }
                (counts[2 * c], counts[2 * c + 1]) = (newRight, newWrong);
            }
        }
        return Math.Min(1, counts[2 * last] + counts[2 * last + 1]);
    }

    /// <summary>
    /// Share of codewords that can't be corrected, with bursts counted as if they never touched the same code symbol: as standards'
    /// contributions count them. Neither interleaved nor precoded.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <param name="bitErrorRatio">Bit error ratio before correction, all errors of all bursts counted.</param>
    /// <param name="continuation">Probability that a wrong decision is followed by another.</param>
    /// <param name="line">How bits become levels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is more than such bursts can give, or the continuation is none.</exception>
    /// <exception cref="ArgumentException">A code symbol is no whole number of line symbols, or the code corrects more than 512 symbols.</exception>
    public static double UncorrectableRatioOfSeparateBursts(
        ReedSolomonCode code, double bitErrorRatio, double continuation, LineCode line = LineCode.Pam4)
    {
        var propagation = new ErrorPropagation(continuation, line);
        var steps = Check(code, propagation);
        _ = Start(bitErrorRatio, propagation);
        var perSymbol = bitErrorRatio * code.SymbolBits * (1 - continuation);
        if (perSymbol == 0) return 0;
        if (perSymbol >= 1) return 1;

        var last = code.Correctable + 1;
        Span<double> touches = stackalloc double[last + 1], hit = stackalloc double[last + 1];
        touches.Clear();
        hit.Clear();
        var more = 1.0;
        for (var i = 1; i <= last; i++)
        {
            var next = 0.0;
            for (var o = 0; o < steps; o++) next += Math.Pow(continuation, i * steps - o) / steps;
            touches[i] = i == last ? more : more - next;
            more = next;
        }

        // hit[c]: probability that the bursts so far touch c code symbols; the last entry holds all above what can be corrected.
        hit[0] = 1;
        var bursts = Math.Exp(code.Symbols * Math.Log(1 - perSymbol)); // of no burst
        if (bursts == 0) return 1;
        double sum = 0, all = 0;
        for (var j = 0; j <= code.Symbols; j++)
        {
            sum += bursts * hit[last];
            all += bursts;
            if (j > code.Symbols * perSymbol && bursts < sum * 1e-17) break;
            bursts *= (double)(code.Symbols - j) / (j + 1) * (perSymbol / (1 - perSymbol));
            for (var c = last; c >= 0; c--)
            {
                double to = c == last ? hit[last] : 0;
                for (var from = 0; from < c; from++)
                {
                    if (c < last) to += hit[from] * touches[c - from];
                    else for (var i = c - from; i <= last; i++) to += hit[from] * touches[i];
                }
                hit[c] = to;
            }
        }
        return Math.Min(1, sum / Math.Max(1, all));
    }

    /// <summary>The largest bit error ratio before correction at which a share of codewords at most can't be corrected.</summary>
    /// <param name="code">The code.</param>
    /// <param name="uncorrectableRatio">The share, strictly between 0 and 1.</param>
    /// <param name="propagation">How errors follow each other.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1, or the propagation is none.</exception>
    /// <exception cref="ArgumentException">A code symbol is no whole number of line symbols, or the code corrects more than 512 symbols.</exception>
    public static double BitErrorRatio(ReedSolomonCode code, double uncorrectableRatio, ErrorPropagation propagation)
    {
        _ = Check(code, propagation);
        if (!(uncorrectableRatio is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(uncorrectableRatio), uncorrectableRatio, "a share strictly between 0 and 1 is needed");
        double low = Math.Log(1e-30), high = Math.Log(Most(propagation));
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (UncorrectableRatio(code, Math.Exp(middle), propagation) > uncorrectableRatio) high = middle;
            else low = middle;
        }
        return Math.Exp(low);
    }

    // Rows of a 2 × 2 matrix times the step of one line symbol.
    static void Follow(Span<double> matrix, ReadOnlySpan<double> line)
    {
        for (var i = 0; i < 4; i += 2)
        {
            var (right, wrong) = (matrix[i], matrix[i + 1]);
            matrix[i] = right * line[0] + wrong * line[2];
            matrix[i + 1] = right * line[1] + wrong * line[3];
        }
    }

    // Line symbols of a code symbol.
    static int Check(ReedSolomonCode code, ErrorPropagation propagation)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (!(propagation.Continuation is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(propagation), propagation.Continuation, "a continuation of at least 0 and below 1 is needed");
        if (propagation.InterleavedCodewords is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(propagation), propagation.InterleavedCodewords, "1 to 64 codewords are interleaved");
        var bits = PamReceiver.BitsOf(propagation.Code);
        if (code.SymbolBits % bits != 0) throw new ArgumentException($"{code.SymbolBits} bits are no whole number of line symbols", nameof(code));
        if (code.Correctable > MostCorrectable) throw new ArgumentException($"at most {MostCorrectable} symbols can be corrected", nameof(code));
        return code.SymbolBits / bits;
    }

    // Share of bit errors at which every right decision would be followed by a wrong one.
    internal static double Most(ErrorPropagation propagation)
    {
        var stay = 1 - propagation.Continuation;
        return (propagation.Precoded ? 2 * stay : 1) / (1 + stay) / PamReceiver.BitsOf(propagation.Code);
    }

    // Probability that a wrong decision follows a right one.
    static double Start(double bitErrorRatio, ErrorPropagation propagation)
    {
        var most = Most(propagation);
        if (!(bitErrorRatio >= 0 && bitErrorRatio <= most))
            throw new ArgumentOutOfRangeException(nameof(bitErrorRatio), bitErrorRatio, $"a bit error ratio of 0 to {Quantity.Round(most, 3)} is needed");
        var wrong = bitErrorRatio * PamReceiver.BitsOf(propagation.Code);
        var stay = 1 - propagation.Continuation;
        return Math.Min(1, wrong * stay / (propagation.Precoded ? 2 * stay - wrong : 1 - wrong));
    }
}

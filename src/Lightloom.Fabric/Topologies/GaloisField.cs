namespace Lightloom.Fabric;

// The field of q = pⁿ elements, p prime.
//
//   elements   0 .. q − 1, whose digits to the base p are the coefficients of a polynomial in x over GF(p), the lowest first
//   sums       digit by digit
//   products   by logarithms: x generates all elements but 0 under a primitive polynomial of degree n, the first that is found by
//              counting its lower coefficients up from 1; for n = 1, x stands for the least primitive root
//
// Worked example: GF(9) by x² + x + 2 over GF(3): x² = 2x + 1 = 7, and x⁸ = 1.

/// <summary>Arithmetic of a finite field, by tables.</summary>
sealed class GaloisField
{
    readonly int prime;
    readonly int[] power; // power[i] = xⁱ, i < 2 (q − 1)
    readonly int[] log; // log[power[i]] = i, i < q − 1

    /// <param name="order">A prime power.</param>
    public GaloisField(int order)
    {
        if (!TryFactor(order, out prime, out var degree)) throw new ArgumentOutOfRangeException(nameof(order), order, "no field has so many elements");
        Order = order;
        (power, log) = (new int[2 * (order - 1)], new int[order]);
        for (var polynomial = 1; !Fill(polynomial, degree); polynomial++)
            if (polynomial == order) throw new InvalidOperationException($"no primitive polynomial for {order}");
        power.AsSpan(0, order - 1).CopyTo(power.AsSpan(order - 1));
    }

    /// <summary>q.</summary>
    public int Order { get; }

    /// <summary>xⁱ, 0 ≤ i &lt; 2 (q − 1).</summary>
    public int Power(int exponent) => power[exponent];

    public int Add(int a, int b)
    {
        if (prime == Order) return a + b < prime ? a + b : a + b - prime;
        var (sum, digit) = (0, 1);
        for (; a > 0 || b > 0; a /= prime, b /= prime, digit *= prime) sum += ((a % prime) + (b % prime)) % prime * digit;
        return sum;
    }

    public int Negate(int a)
    {
        var (negative, digit) = (0, 1);
        for (; a > 0; a /= prime, digit *= prime) negative += (prime - (a % prime)) % prime * digit;
        return negative;
    }

    public int Multiply(int a, int b) => a == 0 || b == 0 ? 0 : power[log[a] + log[b]];

    /// <summary>a / b; b is not 0.</summary>
    public int Divide(int a, int b) => a == 0 ? 0 : power[log[a] + Order - 1 - log[b]];

    /// <summary>Whether a number is pⁿ.</summary>
    public static bool TryFactor(int order, out int prime, out int degree)
    {
        (prime, degree) = (order, 0);
        if (order < 2) return false;
        for (var p = 2; p <= order / p; p++)
        {
            if (order % p != 0) continue;
            prime = p;
            break;
        }
        for (; order % prime == 0; order /= prime) degree++;
        return order == 1;
    }

    /// <summary>The next prime power that will do, from a number on.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="step">1 or −1.</param>
    /// <param name="odd">Whether it must be odd.</param>
    public static int? Nearest(int from, int step, bool odd)
    {
        for (var q = from; q is >= 2 and <= 10_000; q += step)
            if (TryFactor(q, out var prime, out _) && !(odd && prime == 2)) return q;
        return null;
    }

    // Takes the polynomial xⁿ − (its lower coefficients) if x generates all elements under it.
    bool Fill(int lower, int degree)
    {
        var (top, element) = (Order / prime, 1);
        for (var i = 0; i < Order - 1; i++)
        {
            if (element == 0 || (i > 0 && element == 1)) return false;
            (power[i], log[element]) = (element, i);
            if (degree == 1)
            {
                element = (int)((long)element * lower % prime);
                continue;
            }
            // Times x: the highest coefficient comes back as so many times the lower ones.
            var (carry, next) = (element / top, element % top * prime);
            for (var c = 0; c < carry; c++) next = Add(next, lower);
            element = next;
        }
        return element == 1;
    }
}

// The discrete Fourier transform of n = 2^q points, in place.
//
//   X_t = sum over j < n of x_j e^(-2 pi i j t / n)
//
// Example: x = (1, 0, 0, 0) becomes (1, 1, 1, 1); (0, 1, 0, 0) becomes (1, -i, -1, i).
// Source: Cooley and Tukey 1965.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lightloom.Collectives.Congestion;

static class FourierSum
{
    // Optimised at the first call: a design is evaluated once, and by the first tier's code such sums took 20 of its milliseconds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(Span<double> re, Span<double> im)
    {
        var n = re.Length;
        var shift = 64 - BitOperations.Log2((uint)n);
        for (var i = 1; i < n; i++)
        {
            var j = (int)(Reversed((ulong)i) >> shift);
            if (i < j) (re[i], re[j], im[i], im[j]) = (re[j], re[i], im[j], im[i]);
        }
        for (var half = 1; half < n; half *= 2)
        {
            for (var k = 0; k < half; k++)
            {
                var (sin, cos) = Math.SinCos(-Math.PI * k / half);
                for (var i = k; i < n; i += 2 * half)
                {
                    var (a, b) = (re[i + half] * cos - im[i + half] * sin, re[i + half] * sin + im[i + half] * cos);
                    (re[i + half], im[i + half]) = (re[i] - a, im[i] - b);
                    (re[i], im[i]) = (re[i] + a, im[i] + b);
                }
            }
        }
    }

    static ulong Reversed(ulong x)
    {
        x = ((x >> 1) & 0x5555555555555555) | ((x & 0x5555555555555555) << 1);
        x = ((x >> 2) & 0x3333333333333333) | ((x & 0x3333333333333333) << 2);
        x = ((x >> 4) & 0x0F0F0F0F0F0F0F0F) | ((x & 0x0F0F0F0F0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(x);
    }
}

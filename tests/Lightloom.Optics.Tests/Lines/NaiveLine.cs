using Lightloom.Optics.Lines;

namespace Lightloom.Optics.Tests.Lines;

/// <summary>The same model in the plainest way: ratios of one total power, all pairs anew in each span, decibels where they stand.</summary>
static class NaiveLine
{
    const double C = 299792458;

    public static (double SnrAse, double SnrNli, double Gsnr, double Power)[] Run(Spectrum spectrum, IReadOnlyList<LineElement> elements, double launchDbm)
    {
        var n = spectrum.Count;
        var total = Enumerable.Repeat(1e-3 * Math.Pow(10, launchDbm / 10), n).ToArray();
        double[] signal = [.. Enumerable.Repeat(1.0, n)], ase = new double[n], nli = new double[n];
        foreach (var element in elements)
        {
            switch (element)
            {
                case Attenuator a:
                    for (var i = 0; i < n; i++) total[i] /= Math.Pow(10, a.Loss.Si / 10);
                    break;
                case FibreSpan s:
                    for (var i = 0; i < n; i++) total[i] /= Math.Pow(10, (s.ConnectorIn.Si + s.AttenuatorIn.Si) / 10);
                    var made = Enumerable.Range(0, n).Select(i => Interference(spectrum, s, total, i)).ToArray();
                    for (var i = 0; i < n; i++)
                    {
                        // Beyond a perturbation next to nothing is left of the signal, as LinePropagation has it.
                        var share = Math.Min(made[i] / total[i], 1 - 1e-12);
                        signal[i] *= 1 - share;
                        ase[i] *= 1 - share;
                        nli[i] = nli[i] * (1 - share) + share;
                        total[i] /= Math.Pow(10, (s.Attenuation.DecibelsPerKilometer * s.Length.Kilometers + s.ConnectorOut.Si) / 10);
                    }
                    break;
                case LineAmplifier a:
                    var figure = ((Lightloom.Quantities.Decibels)a.Model.Noise.At(a.Gain, a.Model.GainFlatMaximum, default)).Ratio;
                    for (var i = 0; i < n; i++)
                    {
                        var noise = 6.62607015e-34 * spectrum[i].Frequency.Hertz * spectrum[i].SymbolRate.Baud * figure;
                        var after = total[i] + noise;
                        signal[i] *= total[i] / after;
                        nli[i] *= total[i] / after;
                        ase[i] = (ase[i] * total[i] + noise) / after;
                        total[i] = after * Math.Pow(10, a.Gain.Si / 10);
                    }
                    break;
            }
        }
        return [.. Enumerable.Range(0, n).Select(i => (Db(signal[i] / ase[i]), Db(signal[i] / nli[i]), Db(signal[i] / (ase[i] + nli[i])), Db(total[i] * 1000)))];
    }

    static double Interference(Spectrum spectrum, FibreSpan span, double[] power, int i)
    {
        double fi = spectrum[i].Frequency.Hertz, bi = spectrum[i].SymbolRate.Baud, sum = 0;
        var alpha = span.Attenuation.DecibelsPerKilometer / 1000 * Math.Log(10) / 10;
        var effective = (1 - Math.Exp(-alpha * span.Length.Meters)) / alpha;
        for (var j = 0; j < power.Length; j++)
        {
            double fj = spectrum[j].Frequency.Hertz, bj = spectrum[j].SymbolRate.Baud;
            var beta = Math.Abs(Beta(fi) + Beta(fj)) / 2;
            double Arc(double side) => Math.Asinh(Math.PI * Math.PI / alpha * beta * bi * (fj - fi + side * bj / 2));
            var psi = effective * effective * alpha / (2 * Math.PI * beta) * 0.5 * (Arc(1) - Arc(-1));
            sum += Math.Pow(Gamma(fi), 2) * (i == j ? 16.0 : 32.0) / 27 * psi / (bj * bj) * power[i] * power[j] * power[j];
        }
        return sum;

        double Beta(double f)
        {
            var d = span.Type.Dispersion * 1e-6 * Math.Pow(f * 1550e-9 / C, 2);
            return -C / (f * f) * d / (2 * Math.PI);
        }

        double Gamma(double f)
        {
            double a = 4.2e-6, reference = C / 1550e-9, area = span.Type.EffectiveArea * 1e-12;
            // From core and contrast, not by the shortcut of the model.
            var contrast = 0.5 * Math.Pow(C / (2 * Math.PI * reference * a * 1.468) * Math.Exp(Math.PI * a * a / area), 2);
            var v = 2 * Math.PI * f / C * a * 1.468 * Math.Sqrt(2 * contrast);
            return 2 * Math.PI * 2.6e-20 * f / C / (Math.PI * a * a / Math.Log(v));
        }
    }

    static double Db(double ratio) => 10 * Math.Log10(ratio);
}

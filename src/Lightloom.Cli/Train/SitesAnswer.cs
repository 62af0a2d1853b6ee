using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Cli;

/// <summary>A method with what it makes of the sites.</summary>
/// <param name="Method">The method.</param>
/// <param name="Broken">Why it can't be applied; null where it can.</param>
/// <param name="Here">What it makes of the sites as they are.</param>
/// <param name="Needs">The least bandwidth for each of <see cref="SitesAnswer.Targets"/>; null where delays alone keep it below.</param>
/// <param name="Swept">Utilisation at each of <see cref="SitesAnswer.Sweep"/>.</param>
/// <param name="Apart">Utilisation at each of <see cref="SitesAnswer.Distances"/>.</param>
sealed record MethodAnswer(
    ISiteMethod Method, string? Broken, SiteForecast? Here, IReadOnlyList<Bandwidth?> Needs, IReadOnlyList<double> Swept, IReadOnlyList<double> Apart);

/// <summary>What <c>train sites</c> answers.</summary>
sealed record SitesAnswer(SiteStudy Study, IReadOnlyList<MethodAnswer> Methods, IReadOnlyList<Bandwidth> Sweep)
{
    /// <summary>Points of a sweep; each eighth one is printed.</summary>
    const int Points = 49;

    public const int PrintedStep = 8;

    public static IReadOnlyList<double> Targets { get; } = [0.5, 0.8, 0.9, 0.95, 0.99];

    /// <summary>Lengths of every route.</summary>
    public static IReadOnlyList<Length> Distances { get; } = [.. ((double[])[0, 100, 500, 1000, 2000, 5000, 10_000, 20_000]).Select(Length.FromKilometers)];

    public static SitesAnswer Of(SiteStudy study, IReadOnlyList<ISiteMethod> methods, (double Low, double High) sweep)
    {
        var bandwidths = Enumerable.Range(0, Points)
            .Select(i => Bandwidth.FromGigabitsPerSecond(sweep.Low * Math.Pow(sweep.High / sweep.Low, i / (Points - 1.0)))).ToList();
        var swept = bandwidths.ConvertAll(study.Network.With);
        var apart = Distances.Select(d => study.Network.With(SiteStudy.DelayOf(d, 1, study.Fibre))).ToList();
        return new(study, [.. methods.Select(m => Of(study, m, swept, apart))], bandwidths);
    }

    static MethodAnswer Of(SiteStudy study, ISiteMethod method, List<SiteNetwork> swept, List<SiteNetwork> apart)
    {
        if (method.Broken(study.Work, study.Network) is { } broken) return new(method, broken, null, [], [], []);
        return new(method, null, method.Predict(study.Work, study.Network),
            [.. Targets.Select(t => BandwidthNeed.For(method, study.Work, study.Network, t))],
            [.. swept.Select(n => method.Predict(study.Work, n).Utilisation)], [.. apart.Select(n => method.Predict(study.Work, n).Utilisation)]);
    }
}

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>A way to train one model over several sites.</summary>
public interface ISiteMethod
{
    /// <summary>Its name on the command line and in JSON.</summary>
    string Name { get; }

    /// <summary>What it is called in reports, with what it is set to.</summary>
    string Title { get; }

    /// <summary>Who published it.</summary>
    string Source { get; }

    /// <summary>What is published about what it costs in loss or accuracy; nothing is computed here.</summary>
    string PublishedPrice { get; }

    /// <summary>Why this work can't be done so; null where it can.</summary>
    /// <param name="work">What a site computes.</param>
    /// <param name="network">The sites.</param>
    string? Broken(SiteWork work, SiteNetwork network);

    /// <summary>Predicts the long run.</summary>
    /// <param name="work">What a site computes.</param>
    /// <param name="network">The sites.</param>
    SiteForecast Predict(SiteWork work, SiteNetwork network);

    /// <summary>Memory that it needs beside that of one site's training.</summary>
    /// <param name="work">What a site computes.</param>
    IReadOnlyList<ExtraMemory> Memory(SiteWork work);
}

/// <summary>The least bandwidth that a method needs.</summary>
public static class BandwidthNeed
{
    const double Least = 1e3, Most = 1e18; // bit/s

    /// <summary>
    /// The least bandwidth on every route with which a method reaches a compute utilisation, exact to 10⁻⁶ of it; null where delays alone keep it below.
    /// </summary>
    /// <param name="method">The method.</param>
    /// <param name="work">What a site computes.</param>
    /// <param name="network">The sites; their bandwidths are not used.</param>
    /// <param name="utilisation">Above 0 and below 1.</param>
    public static Bandwidth? For(ISiteMethod method, SiteWork work, SiteNetwork network, double utilisation)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(network);
        if (utilisation is not (> 0 and < 1)) throw new SiteException("utilisation", $"expected a share above 0 and below 1, found {utilisation:R}");
        bool Reaches(double bits) => method.Predict(work, network.With(Bandwidth.FromBitsPerSecond(bits))).Utilisation >= utilisation;
        if (!Reaches(Most)) return null;
        double low = Math.Log(Least), high = Math.Log(Most);
        while (high - low > 1e-6)
        {
            var middle = (low + high) / 2;
            if (Reaches(Math.Exp(middle))) high = middle;
            else low = middle;
        }
        return Bandwidth.FromBitsPerSecond(Math.Exp(high));
    }
}

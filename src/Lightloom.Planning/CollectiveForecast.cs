// What nccl-tests will print for one collective on one network, size by size: time with the band that systems stayed within which no fit had
// seen, bandwidths in the test's own conventions, and the distance to what no algorithm can beat.
//
//   algbw = S / t,   busbw = f S / t,  f as in nccl-tests' PERFORMANCE.md       cards: bytes over level 1 / t
//
// Example: 8 H100, all-reduce of 1 GiB: about 4 ms, busbw 470 GB/s by NVLS.
using System.Globalization;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>One size of a forecast.</summary>
/// <param name="Size">The size.</param>
/// <param name="Time">The prediction.</param>
/// <param name="Low">Nine in ten take at least this.</param>
/// <param name="High">Nine in ten take at most this.</param>
/// <param name="AlgorithmBandwidth">algbw.</param>
/// <param name="BusBandwidth">busbw.</param>
/// <param name="SetBy">What sets the time: hosts, latency, pipeline or the level whose bandwidth binds.</param>
/// <param name="Limit">The prediction beside its bound at sustained rates.</param>
/// <param name="MedianError">Median error of unseen systems in this class and band of sizes.</param>
public sealed record CollectiveForecastPoint(DataSize Size, CollectiveTime Time, Duration Low, Duration High, Bandwidth AlgorithmBandwidth,
    Bandwidth BusBandwidth, string SetBy, BoundedTime Limit, double MedianError);

/// <summary>A forecast of nccl-tests. Immutable.</summary>
public sealed record CollectiveForecast
{
    /// <summary>The network.</summary>
    public required CollectiveNetwork Network { get; init; }

    /// <summary>The levels that were used: sustained, as launched.</summary>
    public required NetworkLevels Levels { get; init; }

    /// <summary>What the library chooses from.</summary>
    public required CollectiveModel Model { get; init; }

    /// <summary>What is done.</summary>
    public required CollectiveKind Kind { get; init; }

    /// <summary>Size by size.</summary>
    public required IReadOnlyList<CollectiveForecastPoint> Points { get; init; }

    /// <summary>What lies outside of what was ever measured, in words.</summary>
    public required IReadOnlyList<string> Outside { get; init; }

    /// <summary>Accelerators that one process launches on.</summary>
    public required int PerProcess { get; init; }

    /// <summary>How the test is launched, in words.</summary>
    public string Launching => PerProcess == 1 ? "one process for each accelerator"
        : string.Create(CultureInfo.InvariantCulture, $"one process launches on {PerProcess} accelerators in turn, {Levels.HostLaunch} a round");

    /// <summary>What to know of the figures.</summary>
    public IReadOnlyList<string> Notes =>
    [
        string.Create(CultureInfo.InvariantCulture, $"Low and high: {CollectiveAccuracy.Inside.Si * 100:0} % of {CollectiveAccuracy.Rows} published points lie between them, each predicted without its own system; {CollectiveAccuracy.Systems} systems."),
        string.Create(CultureInfo.InvariantCulture, $"Systems that no fit had seen were off by {Points[0].MedianError * 100:0} % (median) at the smallest of these sizes and {Points[^1].MedianError * 100:0} % at the largest."),
        "The limit is what the network's cuts and messages allow at the rates that such links sustain; with reducing switches where the algorithm counts on them.",
        "nccl-tests times one collective after another: below about 1 MiB on one node the way of launching decides.",
    ];

    /// <summary>What the cards of one accelerator carry at a size, or null where nothing leaves the domain.</summary>
    public Bandwidth? CardRate(CollectiveForecastPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (point.Time.Algorithm is not { } algorithm || Network.Group.LevelCount < 2 || !Network.Group.Crosses(1)) return null;
        var footprint = CollectiveModel.Footprint(algorithm, Kind, point.Size, Network.Group, Levels);
        return (footprint.Volume(1) + footprint.InNetworkVolume(1)) / point.Time.Total;
    }

    /// <summary>Forecasts.</summary>
    /// <param name="network">The network.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="sizes">Sizes in bytes.</param>
    /// <param name="algorithm">The algorithm to take; the fastest that libraries take by themselves where null.</param>
    /// <param name="protocol">The protocol to take; the faster where null.</param>
    /// <param name="perProcess">Accelerators that one process launches on; the usual where null.</param>
    /// <param name="withoutSwitchReduction">Whether the switches of a domain don't reduce.</param>
    /// <param name="fabricReduction">Whether the library is told that the fabric's switches reduce.</param>
    /// <exception cref="Catalog.Documents.InputException">The algorithm can't do it.</exception>
    public static CollectiveForecast Of(CollectiveNetwork network, CollectiveKind kind, IReadOnlyList<long> sizes, CollectiveAlgorithm? algorithm = null,
        CollectiveProtocol? protocol = null, int? perProcess = null, bool withoutSwitchReduction = false, bool fabricReduction = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sizes);
        var group = network.Group;
        var launched = perProcess ?? CollectiveNetwork.UsualPerProcess(network.Systems, group.Ranks);
        var levels = network.Sustained;
        if (withoutSwitchReduction) levels = levels.With((level, l) => l == 0 ? level with { InNetworkBandwidth = Bandwidth.Zero } : level);
        if (launched > 1 && network.System.Accelerator.Collectives.HostLaunch is { } host) levels = levels.LaunchedIn(host.Value * launched);
        var model = fabricReduction ? CollectiveModel.WithFabricReduction : CollectiveModel.Default;
        var outside = new List<string>();
        var points = new List<CollectiveForecastPoint>(sizes.Count);
        foreach (var bytes in sizes)
        {
            var size = DataSize.FromBytes(bytes);
            CollectiveTime time;
            try
            {
                time = model.Time(kind, size, group, levels, algorithm, protocol);
            }
            catch (ArgumentException e)
            {
                throw new Catalog.Documents.InputException(e.Message);
            }
            var (band, reasons) = CollectiveAccuracy.Assess(kind, size, group, levels);
            foreach (var reason in reasons.Where(r => !outside.Contains(r))) outside.Add(reason);
            var rate = size / time.Total;
            points.Add(new(size, time, time.Total * band.Low, time.Total * band.High, rate, CollectiveBounds.BusFactor(kind, group.Ranks) * rate,
                SetBy(time, levels), BoundedTime.Of(time, kind, size, group, levels), band.Median));
        }
        return new() { Network = network, Levels = levels, Kind = kind, Points = points, Outside = outside, PerProcess = launched, Model = model };
    }

    static string SetBy(in CollectiveTime time, NetworkLevels levels)
    {
        if (time.BoundByHosts) return "hosts";
        var wire = time.Transfer - time.Ramp;
        if (time.Latency >= wire && time.Latency >= time.Ramp) return "latency";
        return time.Ramp > wire ? "pipeline" : levels[time.BindingLevel].Name;
    }
}

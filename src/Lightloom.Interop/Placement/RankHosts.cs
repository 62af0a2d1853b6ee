using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;
using Lightloom.Workloads;

namespace Lightloom.Interop.Placement;

/// <summary>
/// The host and the place on it of every rank of a job. Places stand in the order of the network: hosts that share their first switches follow one
/// another, then the units of one group of the hall; the job's order says which rank takes which place, the launcher's order how it is numbered.
/// </summary>
public sealed class RankHosts
{
    readonly RankOrder mapped, numbered;
    readonly int perHost, hostsPerSystem;
    readonly int[] systems;
    readonly FabricGraph graph;
    readonly SlurmUnits units;

    /// <summary>Maps a job to hosts.</summary>
    /// <param name="job">A checked job; its order is the mapping.</param>
    /// <param name="numbering">The order in which the launcher numbers ranks, innermost first.</param>
    /// <param name="graph">The fabric.</param>
    /// <param name="hostsPerSystem">Hosts of which one system is made.</param>
    /// <exception cref="InputException">The hosts don't share a system's accelerators evenly, or the job is larger than the fabric.</exception>
    public RankHosts(TrainingJob job, IReadOnlyList<ParallelDimension> numbering, FabricGraph graph, int hostsPerSystem = 1)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var accelerators = graph.Plan.Request.System.Accelerators;
        if (hostsPerSystem < 1 || accelerators % hostsPerSystem != 0)
            throw new InputException($"a system's {accelerators} accelerators don't split into {hostsPerSystem} hosts; expected one of " +
                string.Join(", ", Enumerable.Range(1, accelerators).Where(h => accelerators % h == 0)));
        if (job.Accelerators > (long)graph.Systems * accelerators)
            throw new InputException($"the job has {job.Accelerators:N0} ranks and the fabric {(long)graph.Systems * accelerators:N0} accelerators");
        this.graph = graph;
        this.hostsPerSystem = hostsPerSystem;
        perHost = accelerators / hostsPerSystem;
        (mapped, numbered) = (new(job), new(job, numbering));
        Ranks = job.Accelerators;
        units = new(new(graph, "") { HostsPerSystem = hostsPerSystem });
        systems = [.. units.Units.OrderBy(u => u.Group).SelectMany(u => u.Systems)];
    }

    /// <summary>Ranks of the job.</summary>
    public int Ranks { get; }

    /// <summary>Accelerators, and so ranks, of one host.</summary>
    public int RanksPerHost => perHost;

    /// <summary>Hosts that have a rank.</summary>
    public int Hosts => (Ranks + perHost - 1) / perHost;

    /// <summary>The host of a rank, by its place in the order of the network, and the rank's slot on it.</summary>
    public (int Host, int Slot) Of(int rank)
    {
        var place = numbered.In(mapped, rank);
        return (place / perHost, place % perHost);
    }

    /// <summary>The name of a host by its place in the order of the network.</summary>
    public string NameOf(int host) => SlurmUnits.HostName(graph, systems[host / hostsPerSystem], host % hostsPerSystem, hostsPerSystem);

    /// <summary>Ranks on a host.</summary>
    public int RanksOn(int host) => Math.Min(perHost, Ranks - (host * perHost));

    /// <summary>The units of the network that the job's hosts stand in, each with its hosts as Slurm lists them.</summary>
    public IEnumerable<(string Unit, string Hosts, int Count)> Units()
    {
        var left = Hosts;
        foreach (var unit in units.Units.OrderBy(u => u.Group))
        {
            var names = new List<string>();
            foreach (var system in unit.Systems)
                for (var h = 0; h < hostsPerSystem && names.Count < left; h++) names.Add(SlurmUnits.HostName(graph, system, h, hostsPerSystem));
            if (names.Count == 0) yield break;
            left -= names.Count;
            yield return (unit.Name, SlurmUnits.List(names), names.Count);
        }
    }
}

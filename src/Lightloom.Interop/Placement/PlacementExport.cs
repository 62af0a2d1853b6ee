using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Placement;

// Files that put ranks where they belong:
//
//   rankfile   Open MPI's (mpirun --rankfile):      rank 0=node-000 slot=0        one line a rank, in the order of ranks; slot: the core to
//              bind to, one for each accelerator of the host
//   hostfile   Open MPI's (mpirun --hostfile):      node-000 slots=8              one line a host, in the order of the network; it puts ranks right
//              only where they are numbered in the order in which they are mapped
//   slurm      Slurm's SLURM_HOSTFILE (srun --distribution=arbitrary):  node-000  one line a rank, in the order of ranks
//
// Sources: mpirun(1) of Open MPI 4.1, "Rankfiles" and "Specifying Host Nodes"; srun(1), "--distribution", "arbitrary".

/// <summary>A format that places ranks; a new one is a class here and its place in <see cref="All"/>.</summary>
public abstract class PlacementExport
{
    /// <summary>Every format, by name.</summary>
    public static IReadOnlyList<PlacementExport> All { get; } = [new RankFileExport(), new HostFileExport(), new SlurmHostFileExport()];

    /// <summary>The format of a name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static PlacementExport Find(string name)
    {
        foreach (var export in All)
            if (export.Name == name) return export;
        throw new InputException($"there is no format '{name}'{Nearest.Hint(name, [.. All.Select(e => e.Name)])}");
    }

    /// <summary>The name by which it is asked for.</summary>
    public abstract string Name { get; }

    /// <summary>What it is and who reads it.</summary>
    public abstract string Description { get; }

    /// <summary>Writes the places of all ranks. Lines end in a line feed on every system.</summary>
    public abstract void Write(RankHosts ranks, TextWriter writer);
}

/// <summary>Open MPI's rankfile.</summary>
public sealed class RankFileExport : PlacementExport
{
    /// <inheritdoc/>
    public override string Name => "rankfile";

    /// <inheritdoc/>
    public override string Description => "Open MPI's rankfile, for mpirun --rankfile";

    /// <inheritdoc/>
    public override void Write(RankHosts ranks, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(writer);
        for (var rank = 0; rank < ranks.Ranks; rank++)
        {
            var (host, slot) = ranks.Of(rank);
            writer.Write(FormattableString.Invariant($"rank {rank}={ranks.NameOf(host)} slot={slot}\n"));
        }
    }
}

/// <summary>Open MPI's hostfile.</summary>
public sealed class HostFileExport : PlacementExport
{
    /// <inheritdoc/>
    public override string Name => "hostfile";

    /// <inheritdoc/>
    public override string Description => "Open MPI's hostfile in the order of the network, for mpirun --hostfile";

    /// <inheritdoc/>
    public override void Write(RankHosts ranks, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(writer);
        for (var host = 0; host < ranks.Hosts; host++) writer.Write(FormattableString.Invariant($"{ranks.NameOf(host)} slots={ranks.RanksOn(host)}\n"));
    }
}

/// <summary>Slurm's SLURM_HOSTFILE.</summary>
public sealed class SlurmHostFileExport : PlacementExport
{
    /// <inheritdoc/>
    public override string Name => "slurm";

    /// <inheritdoc/>
    public override string Description => "a SLURM_HOSTFILE, for srun --distribution=arbitrary";

    /// <inheritdoc/>
    public override void Write(RankHosts ranks, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(writer);
        for (var rank = 0; rank < ranks.Ranks; rank++) writer.Write($"{ranks.NameOf(ranks.Of(rank).Host)}\n");
    }
}

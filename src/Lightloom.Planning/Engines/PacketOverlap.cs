// Two collectives at once in packets, each by all groups of its kind, on one fabric: the equations are those of FlowOverlap.cs.
//
//   the second is played whole, or where it has more packets than a quarter of what may be played, at such a size; where a schedule repeats one step, that step stands for it
//   the first lasts so much longer that it ends last: at the size of its sends that makes it, alone, some times as long as the second, and at twice that while it still ends first
//   T_1, T_2   are played alone at those sizes: packets of less data take more than their share of time
//   Both have one transport, since they share links: InfiniBand's where switches of the fabric reduce in either, unless another was given.
//
// Example: two sends of 100 MB between the same two cards: each takes 2.00 times its own time while both run, as flows do; an all-to-all by experts beside a ring, 1.82 and 1.82 where
// flows take 1.86.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads;

namespace Lightloom.Planning.Engines;

/// <summary>Plays two collectives at once in packets; see the equations at the head of this file.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="links">Its engineered links by class; links of a usual length unless given.</param>
/// <param name="options">How packets are sent.</param>
/// <param name="most">Packets of one collective at most.</param>
sealed class PacketOverlap(FabricGraph graph, IReadOnlyList<LinkSummary>? links, PacketOptions options, long most)
{
    const double Longer = 3;        // times the second that the first lasts at first
    const int MostTries = 4;
    const int LeastPackets = 8;     // of a send in the mean, lest it be all latency

    /// <summary>What each takes over what it takes alone.</summary>
    /// <exception cref="InputException">They would be too many packets, ranks can't reach each other, or the run was stopped.</exception>
    public StepOverlap Of(EngineTask first, EngineTask second, CancellationToken stop)
    {
        var stage = new PacketStage(graph, TrafficSimulation.Latency(graph, links), FlowOverlap.PlacesOf(graph, first, second));
        var how = CollectivePackets.OptionsOf(second, CollectivePackets.OptionsOf(first, options));
        var (one, other) = (new Load(stage, first, how), new Load(stage, second, how));

        var beside = other.Of(Math.Min(1, most / 4.0 / other.Packets));
        var otherAlone = Seconds(beside);
        // As many packets of the first as of the second tell how fast it is.
        var share = Math.Max(one.LeastShare, Math.Min(1, other.Packets / one.Packets));
        share = Math.Max(one.LeastShare, share * Longer * otherAlone / Seconds(one.Of(share)));
        for (var tries = 1; ; share *= 2, tries++)
        {
            if (share * one.Packets > most) throw new InputException($"'{first.Schedule.Name}' would be {share * one.Packets:N0} packets until '{second.Schedule.Name}' beside it ends; at most {most:N0} are played");
            var longer = one.Of(share);
            var (alone, run) = (Seconds(longer), Play(longer.Beside(beside)));
            var (firstEnds, secondEnds) = (PacketStage.Last(run, 0, longer.Count).Seconds, PacketStage.Last(run, longer.Count, run.Traffic.Count).Seconds);
            if (firstEnds <= secondEnds)
            {
                if (tries < MostTries) continue;
                throw new InputException($"'{first.Schedule.Name}' ends before '{second.Schedule.Name}' beside it, however long it is");
            }
            return FlowOverlap.Overlap(alone, otherAlone, firstEnds, secondEnds);
        }

        PacketRun Play(PacketTraffic traffic)
        {
            var run = stage.Play(traffic, how, stop);
            return run.IsComplete ? run : throw new InputException("the run was stopped before");
        }

        double Seconds(PacketTraffic traffic) => PacketStage.Last(Play(traffic), 0, traffic.Count).Seconds;
    }

    // A collective at any share of its size, with what is sustained within domains counted as more bytes there.
    sealed class Load
    {
        readonly PacketStage stage;
        readonly EngineTask task;
        readonly PacketOptions options;
        readonly SendList? step; // that it repeats
        readonly double inside;

        public Load(PacketStage stage, EngineTask task, PacketOptions options)
        {
            (this.stage, this.task, this.options) = (stage, task, options);
            step = RepeatedStep.Of(task.Schedule)?.Sends.Among(task.Groups);
            inside = stage.ScaleUp / task.Places.ScaleUp;
            var bytes = step is null ? task.Schedule.TotalBytes.Bytes * task.Groups.Count : step.Bytes.Length == 1 ? step.Bytes[0] * step.Count : step.Bytes.Sum();
            Packets = bytes / options.Packet.Bytes;
        }

        /// <summary>Of all of it, or of one of its steps, about.</summary>
        public double Packets { get; }

        /// <summary>The least share that is worth playing.</summary>
        public double LeastShare => Math.Min(1, LeastPackets * Sends / Packets);

        double Sends => step?.Count ?? task.SendCount;

        public PacketTraffic Of(double share)
        {
            if (share < LeastShare)
                throw new InputException($"'{task.Schedule.Name}' is {Sends:N0} sends; of packets that may be played beside others {share * Packets:N0} are left for them, fewer than {LeastPackets} each");
            var traffic = step is not null ? stage.Lay(step) : stage.Lay(Pieced(task.Of(task.Size * share)));
            var sizes = new long[traffic.Count];
            for (var f = 0; f < sizes.Length; f++) sizes[f] = (long)Math.Ceiling(traffic.Bytes[f] * (step is null ? 1 : share) * (stage.IsInside(traffic, f) ? inside : 1));
            return traffic.With(sizes);
        }

        EngineTask Pieced(EngineTask sized) => sized.Schedule.Tiers.Count > 0 ? sized.InPieces(options.ReductionChunk) : sized;
    }
}

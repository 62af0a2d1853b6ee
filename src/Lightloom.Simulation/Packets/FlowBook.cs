using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Packets;

/// <summary>
/// What became of flows, and what starts them: shared by engines and transport. A flow's begin and end belong to the part of its sender, its arrival to that of its
/// receiver, a trigger to the one part in which all its flows pull it and are started (<see cref="PacketParts"/>). Flows within scale-up domains have a net of their own,
/// whose triggers may start flows among cards and the other way round: whoever plays halts there.
/// </summary>
sealed class FlowBook : IFlowEnds
{
    readonly PacketTraffic traffic;
    readonly PacketNet net;                  // of the first part
    readonly TriggerTargets targets, chains; // flows that a trigger starts, and triggers that it pulls
    readonly int[] pulls, next;
    readonly PacketNet[] nets;
    readonly PacketNet? inside;              // of flows within scale-up domains
    int added;                               // of those that somebody waits for

    public FlowBook(PacketTraffic traffic, PacketNet[] nets, PacketNet? inside = null)
    {
        (this.traffic, this.nets, this.inside, net) = (traffic, nets, inside, nets[0]);
        if (inside is not null) Halts = [];
        (Begin, Sent, Arrived) = (new long[traffic.Count], new long[traffic.Count], new long[traffic.Count]);
        Array.Fill(Begin, -1);
        Array.Fill(Sent, -1);
        Array.Fill(Arrived, -1);
        (targets, chains) = (traffic.Targets(), traffic.Chained());
        next = new int[traffic.Triggers.Count];
        pulls = new int[traffic.Triggers.Count];
    }

    /// <summary>Flows that nothing triggers will start at their times.</summary>
    public void PlanStarts()
    {
        for (var f = 0; f < traffic.Count; f++)
            if (traffic.TriggerOf(f) < 0) SenderOf(f).At(traffic.StartOf(f), EventKind.Start, f);
    }

    /// <summary>When flows began, their senders knew that all had arrived, and all had arrived; -1: not yet.</summary>
    public long[] Begin { get; private set; }

    public long[] Sent { get; private set; }

    public long[] Arrived { get; private set; }

    /// <summary>Flows that have arrived, where somebody waits for them: the run halts at each. Null: nobody does.</summary>
    public List<int>? Waited
    {
        get;
        init => Halts = (field = value) ?? Halts;
    }

    /// <summary>Flows at which whoever plays halts: somebody waits for them, or another net is to play them. Null: there are none.</summary>
    public List<int>? Halts { get; private set; }

    /// <summary>Whether a flow has begun and not ended.</summary>
    public bool Open
    {
        get
        {
            for (var f = 0; f < Begin.Length; f++)
                if (Begin[f] >= 0 && Sent[f] < 0) return true;
            return false;
        }
    }

    /// <summary>Flows whose senders don't know yet. While several parts are played, nobody may ask.</summary>
    public int Left
    {
        get
        {
            var left = Waited is null ? traffic.Count : added;
            foreach (var part in nets) left -= part.Counts.Finished;
            return left - (inside?.Counts.Finished ?? 0);
        }
    }

    public void Grow(int flows)
    {
        var (from, times) = (Begin.Length, new[] { Begin, Sent, Arrived });
        foreach (ref var t in times.AsSpan())
        {
            Array.Resize(ref t, flows);
            t.AsSpan(from).Fill(-1);
        }
        (Begin, Sent, Arrived) = (times[0], times[1], times[2]);
    }

    /// <summary>One more flow begins now.</summary>
    public void Add(int flow)
    {
        added++;
        var sender = SenderOf(flow);
        sender.At(sender.Now, EventKind.Start, flow);
    }

    /// <summary>Whether a flow stays within a scale-up domain.</summary>
    public bool IsInside(int flow) => traffic.Source[flow] >= net.Fabric.Hosts;

    PacketNet SenderOf(int flow) => IsInside(flow) ? inside! : net.PartOf(traffic.Source[flow]);

    public void Begun(int flow) => Begin[flow] = SenderOf(flow).Now;

    public void Departed(int flow) => Pull(SenderOf(flow), traffic.OnDepartedOf(flow));

    public void Finished(int flow)
    {
        if (Sent[flow] >= 0) throw new InvalidOperationException($"flow {flow} finished twice");
        var sender = SenderOf(flow);
        Sent[flow] = sender.Now;
        sender.Counts.Finished++;
        Pull(sender, traffic.OnSentOf(flow));
    }

    public void Received(int flow)
    {
        if (Arrived[flow] >= 0) throw new InvalidOperationException($"flow {flow} arrived twice");
        var receiver = IsInside(flow) ? inside! : net.PartOf(traffic.Destination[flow]);
        Arrived[flow] = receiver.Now;
        Waited?.Add(flow);
        Pull(receiver, traffic.OnReceivedOf(flow));
    }

    void Pull(PacketNet part, int first)
    {
        if (first < 0) return;
        var pulled = part.Pulled;
        pulled.Push(first);
        while (pulled.TryPop(out var t))
        {
            pulls[t]++;
            var trigger = traffic.Triggers[t];
            if (trigger.Kind == TriggerKind.MultiShot)
            {
                if (next[t] < targets.Of(t).Length) Begins(part, targets.Of(t)[next[t]++]);
                continue;
            }
            if (pulls[t] != trigger.Needed) continue;
            foreach (var flow in targets.Of(t)) Begins(part, flow);
            foreach (var more in chains.Of(t)) pulled.Push(more);
        }
    }

    void Begins(PacketNet part, int flow)
    {
        var sender = SenderOf(flow);
        if (sender != part)
        {
            if (inside is null) throw new InvalidOperationException($"flow {flow} of another part is started");
            Halts!.Add(flow);
        }
        sender.At(Math.Max(part.Now, traffic.StartOf(flow)), EventKind.Start, flow);
    }
}

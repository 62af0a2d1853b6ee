// Max-min fair rates, kept as flows come and go [Bertsekas, Gallager, Data Networks, 2nd ed., 1992, section 6.5.2].
//
//   rate of flow f       x_f = w_f L_f           L_f  its level
//   load of link l       sum over its flows of a_fl x_f <= c_l
//
//   Rates are max-min fair just when each flow has a bottleneck: a link of its path that is full and on which no flow has a higher level.
//   They are unique.
//
//   Filling: with F the flows without a level, the link of the least  (c_l - load of the others) / sum over F of a_fl w_f  gives its flows
//   of F that level; repeat. Such a quotient only grows while other links give levels, so that a heap may hold an old one.
//
// When flows leave or come, or a link changes, only flows that lose their bottleneck change. So: the new flows and those whose bottleneck
// was touched are filled again while all others keep their rates; then each link of theirs is asked whether it is still the bottleneck of
// those that kept their rates, and whether any of those has more than what it gave now; such flows join, and it is done again. What
// comes out has a bottleneck for each flow and so is the solution; random programs are compared with filling from nothing.
//
// Example: links of 1 and 2; flows A over the first, B over both, C over the second: A = B = 0.5, C = 1.5. Without A: B = C = 1.
namespace Lightloom.Simulation.Flows;

/// <summary>Max-min fair rates of the flows that are under way.</summary>
sealed class MaxMinSolver
{
    // Two levels, or a load and a capacity, that differ by less are one: rounding of sums stays below it, and it stays far below 1e-9.
    const double LevelTolerance = 1e-12;
    const double LoadTolerance = 1e-13;

    const byte Away = 0, Kept = 1, Open = 2, Filled = 3; // states of a flow: not under way, keeps its rate, without a level, given one

    struct LinkState
    {
        public double Rest;   // capacity less what flows with a level put on it
        public double Weight; // sum of a w over open flows
        public double Whole;  // Weight when it was last added up
        public double Most;   // the highest level that it has seen among filled flows
        public int Open;      // open flows
        public int Epoch;     // of the filling that touched it last
    }

    readonly bool returning;
    readonly int[] pathOffset, path;
    readonly double[]? share, weight;
    readonly double[] capacity;

    // Flows of link l: member[memberOffset[l] .. memberOffset[l] + members[l]); those that have left are dropped when a scan meets them.
    readonly int[] memberOffset, members, member;
    readonly double[]? memberShare;

    readonly byte[] state;
    readonly double[] level;
    readonly int[] bottleneck;

    readonly LinkState[] links;
    readonly bool[] limits;       // whether the link may be the bottleneck of flows
    readonly double[] othersMost; // the highest level among flows that keep their rates; -1: there are none
    readonly double[] boundLevel; // the level of those whose bottleneck the link is; infinite: there are none
    readonly double[] gave;       // the level that the link gave in this filling, or NaN
    readonly int[] seen;          // the event that looked at the link last

    readonly List<int> touched = [];
    readonly LinkHeap heap = new();
    int epoch, events;

    /// <param name="program">Links and paths.</param>
    /// <param name="capacity">Bytes a second of each link; kept, and changed by <see cref="Change"/>.</param>
    /// <param name="returning">Whether flows come back after they have left: they are all members of their links from the start.</param>
    public MaxMinSolver(FlowProgram program, double[] capacity, bool returning = false)
        : this(program, new(program.PathOffset, program.Path, program.Share, null), capacity, returning)
    {
    }

    /// <summary>The same with flows elsewhere than their program has them.</summary>
    public MaxMinSolver(FlowProgram program, FlowRoutes routes, double[] capacity, bool returning = false)
    {
        this.returning = returning;
        (pathOffset, path, share, weight, this.capacity) = (routes.Offset, routes.Path, routes.Share, program.Weight, capacity);
        var (flows, linkCount, places) = (program.Count, program.Links, pathOffset[^1]);
        state = new byte[flows];
        level = new double[flows];
        bottleneck = new int[flows];
        members = new int[linkCount];
        memberOffset = new int[linkCount + 1];
        for (var p = 0; p < places; p++) memberOffset[path[p] + 1]++;
        for (var l = 0; l < linkCount; l++) memberOffset[l + 1] += memberOffset[l];
        member = new int[places];
        memberShare = share is null ? null : new double[places];
        links = new LinkState[linkCount];
        limits = new bool[linkCount];
        othersMost = new double[linkCount];
        boundLevel = new double[linkCount];
        gave = new double[linkCount];
        seen = new int[linkCount];
        if (!returning) return;
        for (var f = 0; f < flows; f++) Join(f);
    }

    /// <summary>Flows whose rates were decided by the last <see cref="Solve"/>.</summary>
    public List<int> Changed { get; } = [];

    /// <summary>Flows under way.</summary>
    public int Active { get; private set; }

    /// <summary>Flows that were filled, all fillings together: the work.</summary>
    public long Filling { get; private set; }

    public bool IsActive(int flow) => state[flow] != Away;

    public double RateOf(int flow) => weight is null ? level[flow] : weight[flow] * level[flow];

    /// <summary>The link that limits a flow.</summary>
    public int BottleneckOf(int flow) => bottleneck[flow];

    /// <summary>
    /// After <see cref="Solve"/>, of a flow whose rate it decided: the first link of its path that limits it. Where several do, filling
    /// takes whichever came first.
    /// </summary>
    public int FirstBottleneckOf(int flow)
    {
        var most = level[flow] * (1 + LevelTolerance);
        for (var p = pathOffset[flow]; p < pathOffset[flow + 1]; p++)
        {
            ref var link = ref links[path[p]];
            if (link.Rest <= 1e-11 * capacity[path[p]] && link.Most <= most && othersMost[path[p]] <= most) return path[p];
        }
        return bottleneck[flow];
    }

    /// <summary>Begins a change: flows may come and go, links may change.</summary>
    public void Begin()
    {
        events++;
        Changed.Clear();
    }

    public void Add(int flow)
    {
        state[flow] = Open;
        level[flow] = 0;
        bottleneck[flow] = -1;
        Changed.Add(flow);
        Active++;
        if (!returning) Join(flow);
    }

    public void Remove(int flow)
    {
        state[flow] = Away;
        Active--;
    }

    /// <summary>After all that leave were removed: whose bottleneck was on the way of one of them is open.</summary>
    public void Loosen(List<int> removed)
    {
        if (Active == 0) return;
        foreach (var flow in removed)
            for (var p = pathOffset[flow]; p < pathOffset[flow + 1]; p++)
            {
                var l = path[p];
                if (seen[l] == events || !limits[l]) continue;
                seen[l] = events;
                OpenBoundTo(l);
            }
    }

    /// <summary>A link carries another capacity: all of its flows are open.</summary>
    public void Change(int link, double bytesPerSecond)
    {
        capacity[link] = bytesPerSecond;
        for (var i = memberOffset[link]; i < memberOffset[link] + members[link]; i++) OpenUp(member[i]);
    }

    /// <summary>Decides the rates of open flows, and of all that they touch.</summary>
    public void Solve()
    {
        while (Changed.Count > 0)
        {
            if (Changed.Count * 3L > Active * 2L && Changed.Count < Active) OpenAll();
            Touch();
            Fill();
            Filling += Changed.Count;
            if (Changed.Count == Active || !OpenMore()) break;
            foreach (var flow in Changed) state[flow] = Open;
        }
        foreach (var flow in Changed) state[flow] = Kept;
    }

    void Join(int flow)
    {
        for (var p = pathOffset[flow]; p < pathOffset[flow + 1]; p++)
        {
            var l = path[p];
            var at = memberOffset[l] + members[l]++;
            member[at] = flow;
            if (memberShare is not null) memberShare[at] = share![p];
        }
    }

    void OpenUp(int flow)
    {
        if (state[flow] != Kept) return;
        state[flow] = Open;
        Changed.Add(flow);
    }

    void OpenAll()
    {
        for (var f = 0; f < state.Length; f++) OpenUp(f);
    }

    void OpenBoundTo(int link)
    {
        var (first, count) = (memberOffset[link], members[link]);
        for (var i = 0; i < count;)
        {
            var flow = member[first + i];
            if (state[flow] == Away && !returning)
            {
                Drop(first + i, first + --count);
                continue;
            }
            if (bottleneck[flow] == link) OpenUp(flow); // only those that are under way
            i++;
        }
        members[link] = count;
    }

    void Drop(int at, int last)
    {
        member[at] = member[last];
        if (memberShare is not null) memberShare[at] = memberShare[last];
    }

    // The links of open flows: what is left of each, and what those that keep their rates have there.
    void Touch()
    {
        epoch++;
        touched.Clear();
        foreach (var flow in Changed)
        {
            for (var p = pathOffset[flow]; p < pathOffset[flow + 1]; p++)
            {
                if (links[path[p]].Epoch == epoch) continue;
                links[path[p]].Epoch = epoch;
                touched.Add(path[p]);
            }
        }
        heap.Clear();
        foreach (var l in touched)
        {
            Scan(l);
            heap.Append(l, Quotient(ref links[l]));
        }
        heap.Order();
    }

    void Scan(int l)
    {
        var (first, count) = (memberOffset[l], members[l]);
        var (used, open, most, bound) = (0.0, 0.0, -1.0, double.PositiveInfinity);
        var opens = 0;
        for (var i = 0; i < count;)
        {
            var flow = member[first + i];
            var a = memberShare is null ? 1 : memberShare[first + i];
            switch (state[flow])
            {
                case Away when returning:
                    break;
                case Away:
                    Drop(first + i, first + --count);
                    continue;
                case Open:
                    open += weight is null ? a : a * weight[flow];
                    opens++;
                    break;
                default:
                    used += a * RateOf(flow);
                    if (level[flow] > most) most = level[flow];
                    if (bottleneck[flow] == l) bound = level[flow];
                    break;
            }
            i++;
        }
        members[l] = count;
        limits[l] = bound < double.PositiveInfinity;
        boundLevel[l] = bound;
        othersMost[l] = most;
        gave[l] = double.NaN;
        ref var link = ref links[l];
        link.Rest = capacity[l] - used;
        link.Weight = link.Whole = open;
        link.Open = opens;
        link.Most = -1;
    }

    static double Quotient(ref LinkState link) => link.Rest <= 0 ? 0 : link.Rest / link.Weight;

    void Fill()
    {
        while (heap.Count > 0)
        {
            var (l, key) = heap.Peek();
            ref var link = ref links[l];
            if (link.Open == 0)
            {
                heap.Pop();
                continue;
            }
            // What was subtracted leaves rounding behind: where little is left, it is added up again.
            if (link.Weight < 1e-3 * link.Whole && (weight is not null || share is not null)) AddUp(l);
            var now = Quotient(ref link);
            if (now > key)
            {
                heap.ReplaceTop(now);
                continue;
            }
            heap.Pop();
            gave[l] = now;
            limits[l] = true;
            Give(l, now);
        }
    }

    void AddUp(int l)
    {
        var (rest, open) = (capacity[l], 0.0);
        for (var i = memberOffset[l]; i < memberOffset[l] + members[l]; i++)
        {
            var flow = member[i];
            var a = memberShare is null ? 1 : memberShare[i];
            if (state[flow] == Open) open += weight is null ? a : a * weight[flow];
            else if (state[flow] != Away) rest -= a * RateOf(flow);
        }
        ref var link = ref links[l];
        (link.Rest, link.Weight, link.Whole) = (rest, open, open);
    }

    void Give(int l, double now)
    {
        var left = links[l].Open;
        for (var i = memberOffset[l]; left > 0; i++)
        {
            var flow = member[i];
            if (state[flow] != Open) continue;
            left--;
            state[flow] = Filled;
            level[flow] = now;
            bottleneck[flow] = l;
            var w = weight is null ? 1 : weight[flow];
            for (var p = pathOffset[flow]; p < pathOffset[flow + 1]; p++)
            {
                ref var link = ref links[path[p]];
                var a = share is null ? w : w * share[p];
                link.Rest -= a * now;
                link.Weight -= a;
                link.Open--;
                link.Most = now; // levels are given in ascending order
            }
        }
    }

    // Opens flows that kept their rates and have lost their bottleneck, or have more than a link gives now.
    bool OpenMore()
    {
        var before = Changed.Count;
        foreach (var l in touched)
        {
            ref var link = ref links[l];
            if (othersMost[l] < 0) continue;
            var most = gave[l] * (1 + LevelTolerance);
            if (othersMost[l] > most) OpenAbove(l, most); // never where the link gave nothing: NaN
            var bound = boundLevel[l];
            if (bound < double.PositiveInfinity && (link.Rest > LoadTolerance * capacity[l] || link.Most > bound * (1 + LevelTolerance))) OpenBoundTo(l);
        }
        return Changed.Count > before;
    }

    void OpenAbove(int link, double limit)
    {
        for (var i = memberOffset[link]; i < memberOffset[link] + members[link]; i++)
            if (level[member[i]] > limit) OpenUp(member[i]);
    }
}

/// <summary>Links by ascending key: a binary heap of keys that only grow.</summary>
sealed class LinkHeap
{
    double[] key = new double[16];
    int[] link = new int[16];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Append(int of, double at)
    {
        if (Count == key.Length)
        {
            Array.Resize(ref key, 2 * Count);
            Array.Resize(ref link, 2 * Count);
        }
        key[Count] = at;
        link[Count++] = of;
    }

    public void Order()
    {
        for (var i = (Count >> 1) - 1; i >= 0; i--) Down(i, key[i], link[i]);
    }

    public (int Link, double Key) Peek() => (link[0], key[0]);

    public void ReplaceTop(double at) => Down(0, at, link[0]);

    public void Pop()
    {
        if (--Count > 0) Down(0, key[Count], link[Count]);
    }

    void Down(int at, double value, int of)
    {
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= Count) break;
            if (child + 1 < Count && key[child + 1] < key[child]) child++;
            if (key[child] >= value) break;
            key[at] = key[child];
            link[at] = link[child];
            at = child;
        }
        key[at] = value;
        link[at] = of;
    }
}

using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

/// <summary>Bytes and messages of an expanded schedule by rank, unit and level, counted send by send.</summary>
sealed class ScheduleWires
{
    readonly Schedule schedule;
    readonly Dictionary<(int Level, bool Switches, int Unit), double[]> units = []; // out and in of units of the level below
    readonly Dictionary<(int Level, bool Switches, int Rank), double[]> ranks = []; // out and in of ranks, over each level that a send crosses
    readonly Dictionary<(int Level, int Rank), int[]> messages = []; // sent and received by ranks, at the furthest level

    public ScheduleWires(ExpandedSchedule sends)
    {
        schedule = sends.Schedule;
        var levels = schedule.Layout.LevelCount;
        Over = new double[levels];
        for (var i = 0; i < sends.Count; i++)
        {
            var (from, to, bytes) = (sends.Source[i], sends.Destination[i], sends.Bytes[i]);
            var switches = Math.Max(from, to) >= schedule.Layout.Ranks;
            var furthest = 0;
            for (var l = 1; l < levels; l++)
            {
                var (a, b) = (ScheduleCases.Unit(schedule, from, l - 1), ScheduleCases.Unit(schedule, to, l - 1));
                if (a == b) continue;
                if (a >= 0) Over[l] += bytes;
                if (a >= 0) Add(units, (l, switches, a), 0, bytes);
                if (b >= 0) Add(units, (l, switches, b), 1, bytes);
                AddRanks(l, switches, from, to, bytes);
                furthest = l;
            }
            if (furthest == 0 && ScheduleCases.Unit(schedule, from, 0) >= 0)
            {
                Over[0] += bytes;
                AddRanks(0, switches, from, to, bytes);
            }
            if (switches) continue;
            Count(furthest, from, 0);
            Count(furthest, to, 1);
        }
    }

    /// <summary>Bytes inside domains, and out of units of the level below.</summary>
    public double[] Over { get; }

    /// <summary>The busiest rank's bytes over a level, in one direction.</summary>
    public double ByRank(int level, bool switches = false) => ranks.Where(r => (r.Key.Level, r.Key.Switches) == (level, switches)).Select(r => r.Value.Max()).DefaultIfEmpty().Max();

    /// <summary>The busiest unit's bytes over a level, in one direction, by its ranks.</summary>
    public double ByUnit(int level, bool switches = false) => level == 0 ? ByRank(0, switches)
        : units.Where(u => (u.Key.Level, u.Key.Switches) == (level, switches)).Select(u => u.Value.Max()).DefaultIfEmpty().Max() / schedule.Layout.UnitRanks(level - 1);

    /// <summary>The mean of what units send over a level, by their ranks.</summary>
    public double MeanByUnit(int level) => Over[level] / schedule.Layout.Ranks;

    /// <summary>Messages of the busiest rank whose furthest level is this one.</summary>
    public int Messages(int level) => messages.Where(m => m.Key.Level == level).Select(m => m.Value.Max()).DefaultIfEmpty().Max();

    void AddRanks(int level, bool switches, int from, int to, double bytes)
    {
        if (from < schedule.Layout.Ranks) Add(ranks, (level, switches, from), 0, bytes);
        if (to < schedule.Layout.Ranks) Add(ranks, (level, switches, to), 1, bytes);
    }

    void Count(int level, int rank, int direction)
    {
        if (!messages.TryGetValue((level, rank), out var pair)) messages[(level, rank)] = pair = new int[2];
        pair[direction]++;
    }

    static void Add<T>(Dictionary<T, double[]> sums, T key, int direction, double bytes) where T : notnull
    {
        if (!sums.TryGetValue(key, out var pair)) sums[key] = pair = new double[2];
        pair[direction] += bytes;
    }
}

/// <summary>The longest chain of sends that wait for each other; of equally long ones the one with the fewest far sends.</summary>
sealed class ScheduleChain
{
    ScheduleChain(int[] levels, int reductions) => (Levels, Reductions) = (levels, reductions);

    /// <summary>Sends of the chain, those of switches too.</summary>
    public int Length => Levels.Sum();

    /// <summary>Sends of the chain by their furthest level.</summary>
    public int[] Levels { get; }

    /// <summary>Reductions by switches.</summary>
    public int Reductions { get; }

    public static ScheduleChain Of(ExpandedSchedule sends)
    {
        var schedule = sends.Schedule;
        var none = new ScheduleChain(new int[schedule.Layout.LevelCount], 0);
        var best = none;
        var gates = Enumerable.Repeat(none, sends.GateArrivals.Length).ToArray();
        for (var i = 0; i < sends.Count; i++)
        {
            var before = none;
            for (var gate = sends.WaitsFor[i]; gate >= 0; gate = sends.GateAfter[gate]) before = Longer(before, gates[gate]);
            var levels = before.Levels.ToArray();
            levels[Furthest(schedule, sends.Source[i], sends.Destination[i])]++;
            var reduces = sends.Combine[i] == Combine.Reduce && sends.Destination[i] >= schedule.Layout.Ranks;
            var chain = new ScheduleChain(levels, before.Reductions + (reduces ? 1 : 0));
            gates[sends.Feeds[i]] = Longer(gates[sends.Feeds[i]], chain);
            best = Longer(best, chain);
        }
        return best;
    }

    static int Furthest(Schedule schedule, int from, int to)
    {
        for (var l = schedule.Layout.LevelCount - 1; l > 0; l--)
            if (ScheduleCases.Unit(schedule, from, l - 1) != ScheduleCases.Unit(schedule, to, l - 1)) return l;
        return 0;
    }

    static ScheduleChain Longer(ScheduleChain a, ScheduleChain b)
    {
        if (a.Length != b.Length) return a.Length > b.Length ? a : b;
        for (var l = a.Levels.Length - 1; l > 0; l--)
            if (a.Levels[l] != b.Levels[l]) return a.Levels[l] < b.Levels[l] ? a : b;
        return a.Reductions >= b.Reductions ? a : b;
    }
}

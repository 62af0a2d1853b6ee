using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Messages;

namespace Lightloom.Interop.Goal;

/// <summary>Takes a trace as a reader finds it: rank by rank, operations by their places in their rank.</summary>
interface IGoalSink
{
    /// <summary>How many ranks there will be.</summary>
    void Begin(int ranks);

    /// <summary>The next rank begins.</summary>
    void BeginRank();

    /// <summary>The next operation of the rank.</summary>
    /// <exception cref="InputException">There are too many.</exception>
    void Add(in MessageOperation what);

    /// <summary>An operation of the rank waits for another's end, or only for its start.</summary>
    void Requires(int operation, int before, bool whole);

    /// <summary>The rank ends.</summary>
    void EndRank();
}

/// <summary>Puts a trace into memory.</summary>
sealed class GoalProgram(MessageProgramBuilder builder) : IGoalSink
{
    int first;

    public void Begin(int ranks)
    {
    }

    public void BeginRank()
    {
        first = builder.Count;
        builder.BeginRank();
    }

    public void Add(in MessageOperation what) => builder.Add(what.Kind, what.Size, what.Peer, what.Tag, what.Cpu, what.Nic);

    public void Requires(int operation, int before, bool whole)
    {
        if (whole) builder.Requires(first + operation, first + before);
        else builder.RequiresStart(first + operation, first + before);
    }

    public void EndRank()
    {
    }
}

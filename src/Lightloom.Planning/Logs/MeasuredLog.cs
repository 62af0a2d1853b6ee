using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>One size of a measured run.</summary>
/// <param name="Line">Where it stands in the user's file, from 1.</param>
/// <param name="Size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
/// <param name="OutOfPlace">Mean time between two buffers, or null.</param>
/// <param name="InPlace">Mean time on one buffer, or null; one of the two is there.</param>
public sealed record MeasuredRow(int Line, DataSize Size, Duration? OutOfPlace, Duration? InPlace)
{
    /// <summary>The time that speaks for the row: out of place where it is there.</summary>
    public Duration Time => OutOfPlace ?? InPlace!.Value;
}

/// <summary>Measured times of one collective by one group of ranks.</summary>
/// <param name="Line">Where it starts in the user's file, from 1.</param>
/// <param name="Name">What the user's file calls it: "all_reduce".</param>
/// <param name="Kind">What was done.</param>
/// <param name="Ranks">Ranks of the group.</param>
/// <param name="BusFactor">Bus bandwidth over size by time, as the test program defines it.</param>
/// <param name="Rows">Its sizes, ascending.</param>
public sealed record MeasuredRun(int Line, string Name, CollectiveKind Kind, int Ranks, double BusFactor, IReadOnlyList<MeasuredRow> Rows)
{
    /// <summary>Accelerators that one process drives, one after another; null where the log doesn't say.</summary>
    public int? PerProcess { get; init; }

    /// <summary>Bus bandwidth of a time.</summary>
    public Bandwidth Bus(DataSize size, Duration time) => BusFactor * (size / time);
}

/// <summary>An algorithm that the library took.</summary>
/// <param name="Line">Where it said so; 0 where that follows from its own table of latencies and bandwidths in the log.</param>
/// <param name="Kind">The collective.</param>
/// <param name="Size">The size.</param>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Protocol">The protocol.</param>
public sealed record ChosenAlgorithm(int Line, CollectiveKind Kind, DataSize Size, NcclAlgorithm Algorithm, NcclProtocol Protocol);

/// <summary>Something that the library said of itself, word by word.</summary>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="Text">The words.</param>
public sealed record LogEvidence(int Line, string Text)
{
    /// <summary>Prints the line and its words.</summary>
    public override string ToString() => $"line {Line:N0}: {Text}";
}

/// <summary>What the library's own lines say of a run; everything is unknown unless a line says it.</summary>
public sealed record LogFacts
{
    /// <summary>Nothing known.</summary>
    public static LogFacts None { get; } = new();

    /// <summary>Version of the library.</summary>
    public string? Version { get; init; }

    /// <summary>Hosts of the communicator.</summary>
    public int? Hosts { get; init; }

    /// <summary>Ranks of the communicator.</summary>
    public int? Ranks { get; init; }

    /// <summary>Connections across hosts.</summary>
    public int NetworkConnections { get; init; }

    /// <summary>Those of them over TCP sockets.</summary>
    public int SocketConnections { get; init; }

    /// <summary>Those of them whose data goes straight between card and accelerator.</summary>
    public int DirectConnections { get; init; }

    /// <summary>Those of them that pass by the accelerator beside another card (PXN).</summary>
    public int RelayedConnections { get; init; }

    /// <summary>Connections inside hosts.</summary>
    public int LocalConnections { get; init; }

    /// <summary>Those of them through the hosts' memory.</summary>
    public int SharedMemoryConnections { get; init; }

    /// <summary>Different cards of one host that carry connections; the fewest of all hosts.</summary>
    public int? Cards { get; init; }

    /// <summary>Whether switches reduce inside a domain (NVLink SHARP).</summary>
    public bool? SwitchReduction { get; init; }

    /// <summary>What all rings of one node carry by the library's own search; null where no line says, or the run has several nodes.</summary>
    public Bandwidth? RingBandwidth { get; init; }

    /// <summary>The network that the library said it uses: "IB", "Socket", or a plugin's name.</summary>
    public string? Network { get; init; }

    /// <summary>Variables of the library that were set, by name.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a variable was set to a value.</summary>
    public bool Set(string name, string value) => Environment.TryGetValue(name, out var set) && set == value;

    /// <summary>Algorithms that were taken.</summary>
    public IReadOnlyList<ChosenAlgorithm> Choices { get; init; } = [];

    /// <summary>The lines that these facts rest on, by what they are about: "socket", "cards", "switch-reduction", "direct", "shared-memory".</summary>
    public IReadOnlyDictionary<string, LogEvidence> Evidence { get; init; } = new Dictionary<string, LogEvidence>();
}

/// <summary>A user's log, whatever program wrote it.</summary>
/// <param name="Name">What the file is called.</param>
/// <param name="Runs">Its runs.</param>
/// <param name="Facts">What the library said.</param>
/// <param name="Notes">What the reader left out or could not tell, in sentences.</param>
public sealed record MeasuredLog(string Name, IReadOnlyList<MeasuredRun> Runs, LogFacts Facts, IReadOnlyList<string> Notes)
{
    /// <summary>Runs whose ranks are not what the user claims.</summary>
    public IReadOnlyList<RankContradiction> RankContradictions { get; init; } = [];
}

/// <summary>A run of other ranks than the user claims.</summary>
/// <param name="Line">Where the run starts.</param>
/// <param name="Claimed">What the user claims.</param>
/// <param name="Ranks">What the log says.</param>
/// <param name="Why">By which evidence.</param>
public sealed record RankContradiction(int Line, int Claimed, int Ranks, string Why);

using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.Chakra;
using Lightloom.Interop.SimAi;

namespace Lightloom.Interop.AstraSim;

/// <summary>The files of an ASTRA-sim run, by what they are.</summary>
public sealed record AstraSimFiles
{
    /// <summary>The trace: a prefix of Chakra's files, one of them, their folder, or a workload of SimAI.</summary>
    public required string Workload { get; init; }

    /// <summary>The network, YAML; null: none is given.</summary>
    public string? Network { get; init; }

    /// <summary>The system configuration, JSON; null: none is given.</summary>
    public string? System { get; init; }

    /// <summary>The remote-memory configuration, JSON; null: none is given.</summary>
    public string? Memory { get; init; }

    /// <summary>The communicator groups, JSON; null: none is given.</summary>
    public string? Groups { get; init; }

    /// <summary>Looks for what isn't given in the folder of the trace: by what files hold, not by their names.</summary>
    /// <exception cref="InputException">Several files would do.</exception>
    public AstraSimFiles WithNeighbours()
    {
        if (!Directory.Exists(Workload)) return this;
        string? network = null, system = null, memory = null, groups = null;
        void Found(ref string? place, string what, string file)
        {
            if (place is not null) throw new InputException($"the folder '{Workload}' has several files that look like {what}: '{Path.GetFileName(place)}' and '{Path.GetFileName(file)}'; name one by its option");
            place = file;
        }
        foreach (var file in Directory.EnumerateFiles(Workload).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(".yml", StringComparison.Ordinal) || file.EndsWith(".yaml", StringComparison.Ordinal))
            {
                if (Network is null && YamlText.ReadFile(file).Find("npus_count") is not null) Found(ref network, "a network", file);
            }
            else if (file.EndsWith(".json", StringComparison.Ordinal))
            {
                var root = JsonText.ReadFile(file);
                if (root.Find("memory-type") is not null)
                {
                    if (Memory is null) Found(ref memory, "a memory configuration", file);
                }
                else if (root.Find("preferred-dataset-splits") is not null)
                {
                    if (System is null) Found(ref system, "a system configuration", file);
                }
                else if (root.Entries.Count > 0 && root.Entries.All(e => int.TryParse(e.Key.Text, out _)) && Groups is null)
                {
                    Found(ref groups, "communicator groups", file);
                }
            }
        }
        return this with { Network = Network ?? network, System = System ?? system, Memory = Memory ?? memory, Groups = Groups ?? groups };
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="InputException">One is missing or malformed.</exception>
    public AstraSimInputs Read()
    {
        var network = Network is { } yaml ? AstraSimNetwork.ReadFile(yaml) : null;
        var system = System is { } json ? AstraSimSystem.ReadFile(json) : null;
        ITraceSource trace = File.Exists(Workload) && !ChakraTrace.Is(Workload) ? SimAi() : ChakraTrace.Open(Workload, network?.Ranks);
        var memory = Memory is { } remote ? AstraSimSystem.ReadMemory(remote) : new(TraceMemoryKind.None);
        var groups = Groups is { } file ? AstraSimSystem.ReadGroups(file) : [];
        return new(trace, network, system is null ? null : system with { Memory = memory, Groups = groups }, memory, groups);
    }

    // A file that is no part of a Chakra trace is taken for a workload of SimAI, which says so where it isn't one.
    TraceList SimAi()
    {
        using var text = new StreamReader(Workload);
        return SimAiWorkload.Read(text, Workload);
    }
}

/// <summary>What an ASTRA-sim run takes.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Network">The network; null: none was given.</param>
/// <param name="System">The system with its memory and groups; null: none was given.</param>
/// <param name="Memory">Remote memory, for a system that isn't given.</param>
/// <param name="Groups">Groups of ranks, likewise.</param>
public sealed record AstraSimInputs(ITraceSource Trace, TraceNetwork? Network, TraceSystem? System, TraceMemory Memory, IReadOnlyList<TraceGroup> Groups);

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Interop.Nccl;
using Lightloom.Planning;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>What <c>collective compare</c> is told, and the log beside it.</summary>
sealed class CollectiveCompareInput
{
    const int MostBytes = 64 << 20;

    public required string Log { get; init; }

    public string? System { get; init; }

    public string? Nodes { get; init; }

    public string? Gpus { get; init; }

    public string? Nics { get; init; }

    public string? NicRate { get; init; }

    public string? Fabric { get; init; }

    public string? Operation { get; init; }

    public string? Debug { get; init; }

    public string? Topology { get; init; }

    public string? Design { get; init; }

    public bool WithoutNvls { get; init; }

    public DesignDocument? Document { get; private set; }

    public NcclTuner? Tuner { get; private set; }

    /// <summary>What was assumed.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Reads everything and compares.</summary>
    /// <exception cref="InputException">A file or an option is wrong, or the log leaves open what it needs.</exception>
    public LogComparison Compare()
    {
        if (Design is not null) Document = ModelInput.LoadDesign(Design);
        var system = System is not null ? LinkInput.Part<AcceleratorSystem>("--system", System)
            : Document is { Design: var design } ? design.Collectives?.Of(design.Accelerators.System) ?? design.Accelerators.System
            : throw new InputException("say what the log is of: --system KEY (a system of the catalogue), or --design FILE");
        if (Nics is not null) system = system with { Nics = Sourced<int>.Of(LinkInput.Count("--nics", Nics, 1, 100_000), "--nics", Grade.Assumption) };
        if (NicRate is not null) system = system with { Nic = system.Nic with { Rate = Sourced<Bandwidth>.Of(LinkInput.Rate("--nic-rate", NicRate), "--nic-rate", Grade.Assumption) } };
        var each = system.Accelerators.Value;
        int? nodes = Nodes is null ? null : LinkInput.Count("--nodes", Nodes, 1, NcclMachine.MostNodes);
        int? claimed = Gpus is not null ? LinkInput.Count("--gpus", Gpus, 2, int.MaxValue)
            : nodes is { } n ? (int)Math.Min(int.MaxValue, (long)n * each) : null;
        var operation = Operation is null ? null : NcclTestOperation.Find(Operation)
            ?? throw new InputException($"--operation: expected one of {string.Join(", ", NcclTestOperation.All.Select(o => o.Name))}; found '{Operation}'{Nearest.Hint(Operation, [.. NcclTestOperation.All.Select(o => o.Name)])}");
        var debug = Debug is null ? null : NcclDebugReader.Read(Text(Debug), Debug);
        if (debug is { Lines: 0 }) throw new InputException($"--debug: '{Debug}' has no line with 'NCCL INFO'; expected what NCCL_DEBUG=INFO prints");
        var log = NcclMeasurements.Read(Text(Log), Path.GetFileName(Log), claimed, operation, debug);
        var ranks = log.Runs[0].Ranks;
        if (log.Runs.Select(r => r.Ranks).Distinct().Count() > 1)
        {
            ranks = Gpus is not null && log.Runs.Any(r => r.Ranks == claimed) ? claimed!.Value
                : throw new InputException($"{log.Name}: runs of {string.Join(" and ", log.Runs.Select(r => r.Ranks).Distinct().Order().Select(r => $"{r:N0}"))} ranks in one file; --gpus takes those of one number");
            Notes.Add($"{log.Runs.Count(r => r.Ranks != ranks):N0} of {log.Runs.Count:N0} runs left out: they are not of {ranks:N0} ranks");
            log = log with { Runs = [.. log.Runs.Where(r => r.Ranks == ranks)], RankContradictions = [.. log.RankContradictions.Where(c => c.Ranks == ranks)] };
        }
        // Boards of one host are one domain each; a rack's hosts share one.
        nodes ??= each <= CollectiveNetwork.MostPerHost && log.Facts.Hosts is { } told && ranks % told == 0 && ranks / told <= each ? told : null;
        var domains = Domains(system, nodes, ranks);
        if (Gpus is null && nodes == domains && log.RankContradictions.Count > 0)
        {
            // So many nodes with a part of their accelerators is no contradiction.
            log = log with { RankContradictions = [] };
            Notes.Add($"{ranks / domains:N0} of {each:N0} GPUs of each node took part, by the log");
        }
        if (log.Facts.Hosts is { } hosts && hosts != domains && each <= CollectiveNetwork.MostPerHost)
            Notes.Add($"the library speaks of {hosts:N0} hosts, and the log is compared as one of {domains:N0}; --nodes says how many there were");
        Notes.AddRange(log.Notes);
        Tuner = MakeTuner(system, domains, ranks);
        var mechanism = Mechanism(domains);
        CheckDesign(system, mechanism, domains);
        var comparison = LogComparison.Of(log, DescribedCluster.Of(WithoutNvls ? system with { InNetworkReduction = false } : system, mechanism, domains, ranks, log.Runs.Select(r => r.PerProcess).FirstOrDefault(p => p is not null)), Tuner);
        Notes.AddRange(comparison.Notes);
        return comparison;
    }

    // What was measured on one kind of links says nothing of another's.
    void CheckDesign(AcceleratorSystem system, CollectiveParameters mechanism, int domains)
    {
        if (Document is null) return;
        var own = Document.Design.Accelerators.System.Accelerator;
        if (system.Accelerator.Key.TrimEnd('*') != own.Key.TrimEnd('*'))
            throw Document.Wrong("accelerators.system", $"the design is of '{own.Key.TrimEnd('*')}' and the log of '{system.Accelerator.Key.TrimEnd('*')}': a log prices designs of the same accelerators");
        var fabric = Document.Design.Collectives?.Fabric ?? LinkInput.Part<NetworkProtocol>("fabric.protocol", DocumentShape.NameOf(Document.Design.Fabric.Protocol)).Collectives;
        if (domains > 1 && fabric.Key.TrimEnd('*') != mechanism.Key.TrimEnd('*'))
            throw Document.Wrong("fabric.protocol", $"the design's fabric works as '{fabric.Key.TrimEnd('*')}' and the log's as '{mechanism.Key.TrimEnd('*')}': a log prices designs of the same kind of fabric");
    }

    int Domains(AcceleratorSystem system, int? nodes, int ranks)
    {
        var each = system.Accelerators.Value;
        if (nodes is { } given && ranks % given == 0 && ranks / given <= each) return given;
        var fewest = (ranks + each - 1) / each;
        while (ranks % fewest != 0) fewest++;
        if (nodes is { } wrong) Notes.Add($"{ranks:N0} ranks do not fit on {wrong:N0} x '{system.Key}'; compared as {fewest:N0} x {ranks / fewest:N0}");
        else if (fewest > 1 || ranks < each) Notes.Add($"taken as {fewest:N0} x {ranks / fewest:N0} GPUs; --nodes says otherwise");
        return fewest;
    }

    CollectiveParameters Mechanism(int domains)
    {
        if (Fabric is not null) return LinkInput.Part<CollectiveParameters>("--fabric", Fabric);
        if (Document is not null)
        {
            return Document.Design.Collectives?.Fabric ??
                LinkInput.Part<NetworkProtocol>("fabric.protocol", DocumentShape.NameOf(Document.Design.Fabric.Protocol)).Collectives;
        }
        if (domains > 1) Notes.Add("the fabric is taken as InfiniBand; --fabric says otherwise (rocev2, efa, ...)");
        return LinkInput.Part<CollectiveParameters>("--fabric", "infiniband");
    }

    NcclTuner? MakeTuner(AcceleratorSystem system, int domains, int ranks)
    {
        if (Topology is not null)
        {
            var machine = NcclTopology.Read(Text(Topology), Topology).Machine(domains);
            if (machine.Ranks != ranks) Notes.Add($"--topology describes {machine.RanksPerNode:N0} GPUs of a node and the log has {ranks / domains:N0}; NCCL's choices are those of the former");
            return new(machine);
        }
        try
        {
            var machine = NcclMachine.Of(system, domains, ranks / domains);
            return new(WithoutNvls ? machine with { InSwitchReduction = false } : machine);
        }
        catch (InputException)
        {
            // NCCL doesn't run there: its choices have no say.
            return null;
        }
    }

    static string Text(string path) => BoundedFile.Read(path, MostBytes, bytes => global::System.Text.Encoding.UTF8.GetString(bytes));
}

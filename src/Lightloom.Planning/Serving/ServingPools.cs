using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Serving;

namespace Lightloom.Planning.Serving;

/// <summary>The ways to fill a design's pools with copies of its model.</summary>
sealed class ServingPools
{
    readonly DesignDocument document;
    readonly ServingSection section;
    readonly ModelSize model;
    readonly ComputeRates rates;
    readonly StepNetwork network;
    readonly Catalog.Accelerator accelerator;
    readonly int all, prefill;

    public ServingPools(DesignDocument document, ServingSection section, ClusterBuild build)
    {
        (this.document, this.section, model) = (document, section, new(section.Model));
        var system = build.Plan.Request.System;
        accelerator = system.Accelerator;
        all = (int)build.Plan.AcceleratorCount;
        prefill = (section.Prefill?.Systems ?? 0) * system.Accelerators;
        if (prefill >= all)
            throw document.Wrong("serving.prefill.systems", $"the pool for prompts leaves no system to decode: expected at most {build.Plan.Request.Systems - 1:N0} of {build.Plan.Request.Systems:N0}");
        try
        {
            rates = ServingRates.Of(accelerator, section.Precision);
        }
        catch (JobException e)
        {
            throw document.Wrong("serving.precision", e.Message);
        }
        var collective = CollectiveNetwork.Of(build);
        int[] spans = [.. Enumerable.Range(0, collective.Sustained.Count).Select(l => (int)Math.Ceiling(collective.Group.Within(l)))];
        network = new(collective.Sustained, spans);
    }

    /// <summary>Every way whose copies fit the memory.</summary>
    public List<ServingSystem> Systems()
    {
        var room = Room(section, accelerator);
        var runtime = accelerator.Kernels.RuntimeMemory.Value;
        var decode = Copies("serving", all - prefill, section.Tensor, section.Expert);
        List<ForwardPass?> prompts = [null];
        if (section.Prefill is { } pool)
            prompts = [.. Copies("serving.prefill", prefill, pool.Tensor, pool.Expert).Where(c => c.CacheRoom(room, runtime) >= CacheOf(c, section.Prompt)).Select(Pass)];
        var systems = new List<ServingSystem>();
        foreach (var copy in decode)
        {
            var pass = Pass(copy);
            foreach (var prompt in prompts)
            {
                var system = new ServingSystem
                {
                    Mix = new(section.Prompt, section.Output, section.LengthVariation),
                    Decode = pass,
                    Copies = (all - prefill) / copy.Accelerators,
                    Chunk = section.Chunk,
                    PrefillChunk = section.Prefill?.Chunk ?? section.Chunk,
                    CacheRoom = copy.CacheRoom(room, runtime),
                    Prefill = prompt,
                    PrefillCopies = prompt is null ? 0 : prefill / prompt.Replica.Accelerators,
                };
                if (system.MostSequences > 0) systems.Add(system);
            }
        }
        return systems;
    }

    /// <summary>Why no way fits, in numbers, and what would.</summary>
    public static string WhyNothingFits(ServingSection section, ClusterBuild build)
    {
        var accelerator = build.Plan.Request.System.Accelerator;
        var model = new ModelSize(section.Model);
        var weights = new ServingReplica { Model = model, Precision = section.Precision, CachePrecision = section.CachePrecision };
        var room = Room(section, accelerator) - accelerator.Kernels.RuntimeMemory.Value;
        var (held, sequence) = (weights.Weights, weights.CacheOf(section.Prompt + section.Output));
        var needed = Math.Ceiling((held + sequence).Bytes / room.Bytes);
        var given = section.Tensor is null && section.Prefill is null ? "" : " of the degrees or pools that are given";
        return $"the model doesn't fit: its weights are {held.Gigabytes:0.0} GB and one sequence of {section.Prompt + section.Output:N0} tokens takes {sequence.Gigabytes:0.00} GB of keys and values, and " +
            $"an accelerator has {room.Gigabytes:0.0} GB for both; no copy{given} holds them. It takes {needed:N0} accelerators a copy at least; the design has {build.Plan.AcceleratorCount:N0}. " +
            "More tensor or expert ranks, a narrower 'precision', or accelerators with more memory would do";
    }

    static DataSize Room(ServingSection section, Catalog.Accelerator accelerator) => accelerator.Memory.Value * section.MemoryShare;

    static DataSize CacheOf(ServingReplica copy, int tokens) => copy.CacheOf(tokens) * (1.0 / copy.CacheSplit);

    ForwardPass Pass(ServingReplica copy) => new(copy, rates, network) { TwoBatches = section.Overlap == PassOverlap.TwoBatches };

    List<ServingReplica> Copies(string path, int pool, int? tensor, int? expert)
    {
        var copies = new List<ServingReplica>();
        JobException? broken = null;
        foreach (var t in tensor is { } given ? [given] : DivisorsOf(pool))
        {
            foreach (var e in expert is { } wanted ? [wanted] : section.Model.Experts is null ? [1] : DivisorsOf(pool).Where(e => e == 1 || e % t == 0))
            {
                var copy = new ServingReplica { Model = model, Precision = section.Precision, CachePrecision = section.CachePrecision, Tensor = t, Expert = e };
                try
                {
                    copy.Checked();
                    if (pool % copy.Accelerators != 0)
                    {
                        var (below, above) = Divisors.Nearest(pool, copy.Accelerators);
                        throw new JobException(e > t ? "expert" : "tensor", $"copies of {copy.Accelerators:N0} accelerators don't fill a pool of {pool:N0}; nearest {below:N0} and {above:N0}");
                    }
                    copies.Add(copy);
                }
                catch (JobException problem)
                {
                    broken = problem;
                }
            }
        }
        if (copies.Count == 0) throw document.Wrong($"{path}.{broken!.Field}", broken.Message);
        return copies;
    }

    static IEnumerable<int> DivisorsOf(int pool) => Enumerable.Range(1, Math.Min(pool, 1024)).Where(d => pool % d == 0);
}

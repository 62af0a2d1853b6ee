// Published serving rates beside the serving model's; nothing of it is fitted to them.
//
//   offline    one copy that requests never run out for: tokens of answers a second        ServingSystem.Saturated
//   decode     a copy over all systems whose groups have so many sequences of so many tokens: one pass, b / S tokens a second
//   prefill    a copy whose groups each pass so many tokens of prompts at once: tokens / S
//
// Where the table's 'overlap' says yes, passes run in two batches in turns (ForwardPass.TwoBatches).

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Serving;

namespace Lightloom.Planning.Validation;

/// <summary>Published serving rates beside the model's; tables of those columns are in <c>data/validation/serving</c>.</summary>
public sealed class ServingValidation : IValidationKind
{
    const int Most = 10_000_000;

    /// <inheritdoc/>
    public string Name => "serving";

    /// <inheritdoc/>
    public string Description => "published rates of serving beside the serving model's";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("tensorrt_llm", ["model", "system", "tensor", "prompt_tokens", "output_tokens", "output_tokens_per_s"], Offline),
        new("large_expert_groups", ["model", "system", "systems", "phase", "tensor", "expert", "batch_per_accelerator", "tokens_per_sequence", "tokens_per_s_per_system"], Phases),
    ];

    static void Offline(CsvTable table, ValidationRun run)
    {
        var clusters = new Dictionary<string, ClusterBuild>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var (prompt, output) = ((int)row.Count("prompt_tokens", 1, Most), (int)row.Count("output_tokens", 1, Most));
            var published = row.Real("output_tokens_per_s", 1e-6, 1e12);
            if (Replica(row, (int)row.Count("tensor", 1, 1024), 1, run) is not { } replica || Cluster(row, 1, clusters, run) is not { } build) continue;
            var accelerator = build.Plan.Request.System.Accelerator;
            var pass = Pass(replica, build);
            var system = new ServingSystem
            {
                Mix = new(prompt, output, 0),
                Decode = pass,
                Copies = 1,
                Chunk = (int)(row.NumberOrNull("chunk", 1, Most) ?? 8192),
                CacheRoom = replica.CacheRoom(accelerator.Memory.Value * (row.NumberOrNull("memory_share", 0.1, 1) ?? 0.9), accelerator.Kernels.RuntimeMemory.Value),
            };
            var (batch, step, tokens) = system.Saturated();
            if (tokens <= 0)
            {
                run.Skip(row, "the model doesn't fit");
                continue;
            }
            Add(run, table, row, $"{row["model"]} on {row["system"]}, {prompt}/{output}", published, tokens, FormattableString.Invariant($"{batch:0} sequences, {step.Total.Milliseconds:0.0} ms a step, bound by {step.Binds}"),
                [new("table", "offline, dense"), new("model", row["model"]), new("system", row["system"])]);
        }
    }

    static void Phases(CsvTable table, ValidationRun run)
    {
        var clusters = new Dictionary<string, ClusterBuild>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            var systems = (int)row.Count("systems", 1, 1_000_000);
            var (tensor, expert) = ((int)row.Count("tensor", 1, 1024), (int)row.Count("expert", 1, 100_000));
            var (load, length) = (row.Real("batch_per_accelerator", 1e-6, Most), (int)row.Count("tokens_per_sequence", 1, Most));
            var published = row.Real("tokens_per_s_per_system", 1e-6, 1e12);
            var phase = row["phase"];
            if (phase is not ("decode" or "prefill")) throw row.Wrong("phase", $"expected 'decode' or 'prefill', found '{phase}'");
            if (Replica(row, tensor, expert, run) is not { } replica || Cluster(row, systems, clusters, run) is not { } build) continue;
            var pass = Pass(replica, build, row["overlap"] == "yes");
            var (perGroup, groups) = (load * tensor, (double)replica.Groups);
            var step = phase == "decode"
                ? pass.Of(new(perGroup * groups, perGroup * groups * pass.Reach(length)))
                : pass.Of(new(0, 0, length, 0, true) { Prompts = perGroup / length, Filled = groups });
            var tokens = perGroup * groups / step.Total.Seconds * build.Plan.Request.System.Accelerators.Value / replica.Accelerators;
            Add(run, table, row, row["id"], published, tokens, FormattableString.Invariant($"{step.Total.Milliseconds:0.0} ms a pass, network {100 * (step.Network / step.Total):0} % of it, bound by {step.Binds}"),
                [new("table", "large groups of experts"), new("phase", phase)]);
        }
    }

    static void Add(ValidationRun run, CsvTable table, CsvRow row, string id, double published, double predicted, string note, ValidationTag[] tags) => run.Add(new()
    {
        File = table.Name,
        Row = row.Number,
        Id = id,
        Quantity = "tokens per second",
        Published = published,
        Predicted = predicted,
        Unit = "tokens/s",
        IsRate = true,
        Note = note,
        Tags = tags,
    });

    static ServingReplica? Replica(CsvRow row, int tensor, int expert, ValidationRun run)
    {
        if (!PartCatalog.Default.Keys<TransformerModel>().Contains(row["model"]))
        {
            run.Skip(row, $"unknown model '{row["model"]}'");
            return null;
        }
        Precision Format(string column) => row[column] is { Length: > 0 } text
            ? Enum.TryParse<Precision>(text, true, out var format) ? format : throw row.Wrong(column, $"expected bf16 or fp8, found '{text}'")
            : Precision.Bf16;
        try
        {
            return new ServingReplica
            {
                Model = new(PartCatalog.Default.Get<TransformerModel>(row["model"])),
                Precision = Format("precision"),
                CachePrecision = Format("cache_precision"),
                Tensor = tensor,
                Expert = expert,
            }.Checked();
        }
        catch (JobException e)
        {
            throw row.Wrong(e.Field, e.Message);
        }
    }

    static ClusterBuild? Cluster(CsvRow row, int systems, Dictionary<string, ClusterBuild> known, ValidationRun run)
    {
        var (system, accelerator) = (row["system"], row["accelerator"]);
        if (!PartCatalog.Default.Keys<AcceleratorSystem>().Contains(system) || (accelerator.Length > 0 && !PartCatalog.Default.Keys<Accelerator>().Contains(accelerator)))
        {
            run.Skip(row, $"unknown system '{system}'{(accelerator.Length > 0 ? $" with '{accelerator}'" : "")}");
            return null;
        }
        var key = $"{system} {accelerator} {systems}";
        if (known.TryGetValue(key, out var build)) return build;
        var part = accelerator.Length > 0 ? $"{{ basedOn: {system}, accelerator: {accelerator} }}" : system;
        return known[key] = ClusterBuild.Of(
            DesignDocument.Parse($"lightloom: 1\nname: {key}\naccelerators: {{ system: {part}, systems: {systems} }}\nfabric: {{ protocol: infiniband, topology: fat-tree, switch: qm9700 }}\n", "served.yaml"),
            PartCatalog.Default, new LinkEngineer(PartCatalog.Default));
    }

    static ForwardPass Pass(ServingReplica replica, ClusterBuild build, bool twoBatches = false)
    {
        var collective = CollectiveNetwork.Of(build);
        int[] spans = [.. Enumerable.Range(0, collective.Sustained.Count).Select(l => (int)Math.Ceiling(collective.Group.Within(l)))];
        return new(replica, ServingRates.Of(build.Plan.Request.System.Accelerator, replica.Precision), new(collective.Sustained, spans)) { TwoBatches = twoBatches };
    }
}

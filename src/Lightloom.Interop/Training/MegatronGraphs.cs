// What Megatron-LM's arguments say of recorded graphs (megatron/training/arguments.py and core/transformer/cuda_graph_config.py, 2025 and 2026).
//
//   --cuda-graph-impl      none; local or transformer_engine: parts of each layer; full_iteration: all of it
//   --enable-cuda-graph    local; --external-cuda-graph: transformer_engine (names of before)
//   --cuda-graph-modules   which parts, all that can be unless given; full_iteration among them is what it says (--cuda-graph-scope before)
//
// Worked example: --cuda-graph-impl transformer_engine --cuda-graph-scope attn moe_router: parts; experts themselves are launched by the host.

using Lightloom.Catalog;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

sealed partial class MegatronArguments
{
    RecordedGraphs? Graphs(TransformerModel model)
    {
        const string Name = "cuda-graph-impl", Local = "enable-cuda-graph", External = "external-cuda-graph", Modules = "cuda-graph-modules", Scope = "cuda-graph-scope", Whole = "full_iteration";
        if (model.Experts is null)
        {
            foreach (var name in (ReadOnlySpan<string>)[Name, Local, External, Modules, Scope])
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NotModelled, "without experts the host is taken to run ahead");
            return null;
        }
        settings.Decides("parallelism.graphs", Name, Local, External, Modules, Scope);
        var (local, external) = (settings.Flag(Local), settings.Flag(External));
        var given = settings.Text(Name);
        if (given is not (null or "none" or "local" or "transformer_engine" or Whole)) throw settings.Wrong(Name, $"expected none, local, transformer_engine or {Whole}, found '{given}'");
        if (local && external) throw settings.Wrong(External, $"contradicts --{Local}");
        if ((local || external) && given is not (null or "none")) throw settings.Wrong(Name, $"contradicts --{(local ? Local : External)}");
        var modules = Listed(Modules).Concat(Listed(Scope)).ToHashSet(StringComparer.Ordinal);
        if (given == Whole) return RecordedGraphs.Iteration;
        if (!local && !external && given is (null or "none"))
        {
            // A recipe that is named records what it likes.
            if (given is null && !KnowsAll) return modules.Contains(Whole) ? RecordedGraphs.Iteration : null;
            return RecordedGraphs.None;
        }
        return modules.Contains(Whole) ? RecordedGraphs.Iteration
            : modules.Count == 0 || modules.Overlaps(["full", "attn", "mamba"]) ? RecordedGraphs.Parts : RecordedGraphs.None;
    }

    IEnumerable<string> Listed(string name) => settings.Texts(name)
        .SelectMany(t => t.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(t => t.Trim('\'', '"'));
}

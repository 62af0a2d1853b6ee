// What Megatron-LM's arguments say of how experts and sequences are split (megatron/core/parallel_state.py, transformer/moe, 2024 to 2026).
//
//   expert ranks      taken from tensor, context and data ranks together: expert x expert tensor x pipeline divides the accelerators
//   capacity          room of an expert over its mean, tokens beyond it dropped; below 0 is none
//   groups            experts in so many groups, a token visits experts of at most so many of them
//   context           p2p (a ring beside attention) unless --cp-comm-type says otherwise
//
// Worked example: tensor 4, expert 8, --expert-tensor-parallel-size 1 on 32 accelerators: an expert group is 8 neighbours, two tensor groups.

using Lightloom.Catalog;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

sealed partial class MegatronArguments
{
    static readonly string[] OfExpertParallelism =
    [
        "expert-tensor-parallel-size", "moe-extended-tp", "moe-expert-capacity-factor", "moe-pad-expert-input-to-capacity", "moe-router-num-groups", "moe-router-group-topk",
        "overlap-moe-expert-parallel-comm", "moe-fb-overlap", "moe-token-dispatcher-type", "moe-permute-fusion",
    ];

    /// <summary>Tensor ranks of experts, where they are folded over tensor and context ranks.</summary>
    int? ExpertSplit(TransformerModel model, int expert, int tensor, int context, int pipeline, int world)
    {
        const string Name = "expert-tensor-parallel-size";
        if (expert > 1 && model.Experts is null) throw settings.Wrong("expert-model-parallel-size", "experts are split, and --num-experts gives none");
        if (model.Experts is not { } experts)
        {
            foreach (var name in OfExpertParallelism)
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without experts");
            return null;
        }
        settings.Flag("moe-extended-tp");
        settings.Decides("parallelism.expertTensor", Name, "tensor-model-parallel-size");
        var given = settings.Count(Name, 1, 1_000_000);
        if (given is null && UsualExpertTensor is { } usual && usual != tensor) Assume($"experts are taken as split over {usual} tensor {(usual == 1 ? "rank" : "ranks")}, as nearly every recipe has it");
        var split = given ?? UsualExpertTensor ?? tensor;
        if (experts.Experts % expert != 0) throw settings.Wrong("expert-model-parallel-size", $"{expert:N0} does not divide the {experts.Experts:N0} experts");
        var groups = (long)expert * split * pipeline;
        if (world % groups != 0) throw settings.Wrong("expert-model-parallel-size", $"expert {expert:N0} x expert tensor {split:N0} x pipeline {pipeline:N0} = {groups:N0} does not divide the {world:N0} accelerators");
        if (tensor % split != 0) throw settings.Wrong(Name, $"experts over {split:N0} tensor ranks and the rest over {tensor:N0} are not modelled; expected a divisor of {tensor:N0}, nearest: {Near(tensor, Math.Min(split, tensor))}");
        return split != tensor || (context > 1 && expert > 1) ? split : null;
    }

    double? ExpertCapacity(TransformerModel model)
    {
        const string Name = "moe-expert-capacity-factor", Pad = "moe-pad-expert-input-to-capacity";
        if (model.Experts is null) return null;
        var room = settings.Number(Name);
        var padded = settings.Flag(Pad);
        if (room is null)
        {
            if (padded && KnowsAll) throw settings.Wrong(Pad, $"Megatron-LM takes it with --{Name} alone");
            return null;
        }
        if (room < 0)
        {
            settings.Use(Name, ArgumentUse.NoEffect, "below 0: no token is dropped");
            return null;
        }
        if (room is < 0.1 or > 100) throw settings.Wrong(Name, $"expected from 0.1 to 100, or below 0 for none, found {settings.Text(Name)}");
        if (!padded) Assume($"places of an expert that --{Name} leaves empty are computed here; without --{Pad} Megatron-LM leaves them out");
        return room;
    }

    int? ExpertNodes(TransformerModel model, int expert)
    {
        const string Groups = "moe-router-num-groups", Most = "moe-router-group-topk";
        if (model.Experts is not { } experts) return null;
        int? groups = settings.Count(Groups), most = settings.Count(Most);
        if (groups is { } g && experts.Experts % g != 0) throw settings.Wrong(Groups, $"{g:N0} groups do not divide the {experts.Experts:N0} experts; nearest: {Near(experts.Experts, g)}");
        if (most is not { } limit)
        {
            if (groups is not null) settings.Use(Groups, ArgumentUse.NoEffect, $"without --{Most}");
            return null;
        }
        if (groups is not { } all) return KnowsAll ? throw settings.Wrong(Most, $"Megatron-LM takes it with --{Groups} alone") : limit;
        if (limit > all) throw settings.Wrong(Most, $"a token can't visit {limit:N0} of {all:N0} groups");
        settings.Decides("parallelism.expertNodes", Most);
        if (expert == 1 || limit == all) return null;
        Assume($"each of the {all:N0} groups of experts is taken as one node, of which a token visits at most {limit:N0}");
        return limit;
    }

    bool OverlapExpert(TransformerModel model, int expert, in Parallelism pipelined, Recomputation recompute)
    {
        const string Name = "overlap-moe-expert-parallel-comm";
        if (model.Experts is null) return false;
        // The second is Ascend's, which needs no virtual stages.
        var (own, ascend) = (settings.Flag(Name), settings.Flag("moe-fb-overlap"));
        if (!own) return ascend && expert > 1;
        if (expert == 1) throw settings.Wrong(Name, "Megatron-LM takes it with --expert-model-parallel-size above 1 alone");
        if (pipelined is { Pipeline: > 1, Interleave: null or 1 } && KnowsAll) throw settings.Wrong(Name, "Megatron-LM takes it on a pipeline with virtual stages alone (--num-layers-per-virtual-pipeline-stage)");
        if (recompute == Recomputation.Full) throw settings.Wrong(Name, "Megatron-LM does not take it with --recompute-granularity full");
        if (settings.Find("moe-token-dispatcher-type") is { Text: "allgather" }) throw settings.Wrong(Name, "Megatron-LM takes it with --moe-token-dispatcher-type alltoall or flex alone");
        return true;
    }

    ExpertDispatch Dispatch(TransformerModel model, int expert)
    {
        const string Name = "moe-token-dispatcher-type";
        if (model.Experts is null) return ExpertDispatch.Fused;
        var type = settings.Text(Name);
        // Fused or not, kernels of their own permute tokens around it.
        settings.Flag("moe-permute-fusion");
        if (type == "allgather" && expert > 1) settings.Use(Name, ArgumentUse.NotModelled, "tokens are taken as sent to their experts' ranks, not to all");
        if (type != "alltoall" || expert == 1) return ExpertDispatch.Fused;
        settings.Decides("parallelism.expertDispatch", Name);
        return ExpertDispatch.AllToAll;
    }

    ContextMethod ContextMethodOf(int context)
    {
        const string Name = "cp-comm-type";
        var given = Listed(Name).Distinct().ToList();
        foreach (var type in given)
            if (type is not ("p2p" or "all_gather" or "allgather" or "a2a" or "a2a+p2p")) throw settings.Wrong(Name, $"expected p2p, all_gather, a2a or a2a+p2p, found '{type}'");
        if (context == 1)
        {
            foreach (var name in new[] { Name, "hierarchical-context-parallel-sizes" })
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without context ranks");
            return ContextMethod.Ring;
        }
        if (given.Count == 0) return ContextMethod.Ring;
        if (given.Count > 1) settings.Use(Name, ArgumentUse.NotModelled, $"'{given[0]}' of the first layer is taken for all");
        if (given[0] is "a2a" or "a2a+p2p")
        {
            settings.Use(Name, ArgumentUse.NotModelled, "a ring is taken");
            Assume("heads exchanged between context ranks (a2a) are not modelled: keys and values go around a ring");
        }
        return given[0] is "all_gather" or "allgather" ? ContextMethod.AllGather : ContextMethod.Ring;
    }
}

// What Megatron-LM's arguments say of layers in a pattern (megatron/core/models/hybrid and models/mamba, 2024 to 2026).
//
//   --hybrid-layer-pattern     M state space (Mamba-2), * attention, - feed-forward, E mixture; | cuts the pipeline's parts, / introduces a prediction block's
//                              layers, once for each further token; --hybrid-override-pattern is its older name, --num-layers then has no say
//   --mamba-num-heads          twice the hidden size over --mamba-head-dim (64) unless given; --mamba-num-groups 8, --mamba-state-dim 128
//   --mtp-use-repeated-layer   one prediction block for all further tokens, of --mtp-num-layers or the pattern
//   convolutions of 4 tokens with a bias and pieces of 128 are what its code has; its state spaces have no other biases
//
// Worked example: M-M*|M-M*/*-/*- are two parts of four layers and two prediction blocks of attention and a feed-forward layer.

using Lightloom.Catalog;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

sealed partial class MegatronArguments
{
    const string Hybrid = "hybrid-layer-pattern", HybridOverride = "hybrid-override-pattern";

    // Layers that Megatron-LM has letters for and that aren't modelled.
    static readonly (char Letter, string What)[] OtherLayers = [('G', "gated delta nets"), ('D', "sparse attention"), ('+', "latent attention in a pattern")];

    /// <summary>Layers in a pattern: the model's, the parts that a pipeline is cut into, and those of a prediction block with their number.</summary>
    sealed record Layering(string Name, string Pattern, IReadOnlyList<int> Parts, string? Prediction, int Predictions);

    Layering? layering;

    /// <summary>The pattern; null where layers are blocks.</summary>
    Layering? ReadPattern()
    {
        if (settings.Has(Hybrid) && settings.Has(HybridOverride)) throw settings.Wrong(HybridOverride, $"contradicts --{Hybrid}; expected one of them");
        var name = settings.Has(Hybrid) ? Hybrid : HybridOverride;
        var named = settings.Flag("is-hybrid-model");
        foreach (var ratio in new[] { "hybrid-attention-ratio", "hybrid-mlp-ratio" })
            if (settings.Has(ratio)) throw settings.Wrong(ratio, $"layers by their shares are not modelled; expected their kinds one by one (--{Hybrid})");
        if (settings.Text(name) is not { } text)
        {
            if (named) throw settings.Wrong("is-hybrid-model", $"needs the kinds of its layers (--{Hybrid})");
            foreach (var other in MegatronNames.OfPatterns)
                if (settings.Has(other)) settings.Use(other, ArgumentUse.NoEffect, $"without --{Hybrid}");
            return null;
        }
        settings.Decides("model.layers", name);
        settings.Decides("model.pattern", name);
        var pieces = text.Split('/');
        var parts = pieces[0].Split('|');
        foreach (var layer in string.Concat(parts) + string.Concat(pieces.Skip(1)))
        {
            if (TransformerModel.LayerSymbols.Contains(layer)) continue;
            var (letter, what) = OtherLayers.FirstOrDefault(o => o.Letter == layer);
            throw settings.Wrong(name, letter == layer ? $"{what} ({letter}) are not modelled" : $"expected M, *, - and E, with | between a pipeline's parts and / before a prediction block, found '{layer}'");
        }
        var pattern = string.Concat(parts);
        if (pattern.Length is 0 or > MostLayers) throw settings.Wrong(name, $"expected from 1 to {MostLayers:N0} layers, found {pattern.Length:N0}");
        var predictions = pieces.Skip(1).Where(p => p.Length > 0).ToList();
        if (predictions.Distinct().Skip(1).Any()) throw settings.Wrong(name, $"prediction blocks of different layers ('{predictions[0]}' and '{predictions.First(p => p != predictions[0])}') are not modelled");
        var older = settings.Text("mtp-hybrid-override-pattern");
        var given = settings.Count("mtp-num-layers", 0, 100);
        var prediction = predictions.FirstOrDefault() ?? (given > 0 && older is not "none" ? older : null);
        var count = predictions.Count > 0 ? predictions.Count : prediction is null ? 0 : given ?? 0;
        if (given is { } told && told > 0 && predictions.Count == 0 && prediction is null) throw settings.Wrong("mtp-num-layers", $"prediction blocks without layers; expected them behind a / in --{Hybrid}");
        if (predictions.Count > 0 && given is { } asked && asked != predictions.Count) Assume($"--mtp-num-layers {asked} contradicts the {predictions.Count} of the pattern, which count, as Megatron-LM has it");
        if (settings.Count("num-layers", 1, MostLayers) is { } layers && layers != pattern.Length)
            Assume($"--num-layers {layers:N0} contradicts the pattern of {pattern.Length:N0} layers, which counts, as Megatron-LM has it");
        return new(name, pattern, [.. parts.Select(p => p.Length)], count > 0 ? prediction : null, count);
    }

    StateSpaceLayers? StateSpace(int hidden)
    {
        if (layering is not { } layers || !(layers.Pattern + layers.Prediction).Contains('M', StringComparison.Ordinal))
        {
            foreach (var name in MegatronNames.OfPatterns.Take(4))
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without state space layers");
            return null;
        }
        var size = settings.Count("mamba-head-dim", 1, 100_000) ?? 64;
        var heads = settings.Count("mamba-num-heads", 1, 100_000);
        if (heads is null)
        {
            if (2L * hidden % size != 0) throw settings.Wrong("mamba-head-dim", $"heads of {size:N0} don't divide twice the hidden size of {hidden:N0}; expected a divisor, or --mamba-num-heads");
            Assume($"--mamba-num-heads isn't given: {2L * hidden / size:N0} for twice the hidden size, as Megatron-LM has it");
        }
        var count = heads ?? checked((int)(2L * hidden / size));
        var groups = settings.Count("mamba-num-groups", 1, 100_000) ?? 8;
        if (count % groups != 0) throw settings.Wrong("mamba-num-groups", $"{groups:N0} groups do not divide the {count:N0} heads of a state space layer; nearest: {Near(count, groups)}");
        return new() { Heads = count, HeadSize = size, Groups = groups, StateSize = settings.Count("mamba-state-dim", 1, 100_000) ?? 128 };
    }

    /// <summary>The parts of a pipeline that a pattern names; null where it names none.</summary>
    Parallelism? PatternPipeline(int stages, bool overlap, int? group)
    {
        if (layering is not { } layers) return null;
        foreach (var name in new[] { "num-layers-per-virtual-pipeline-stage", "num-virtual-stages-per-pipeline-rank", "pipeline-model-parallel-layout", "account-for-embedding-in-pipeline-split", "account-for-loss-in-pipeline-split" })
            if (settings.Has(name)) throw settings.Wrong(name, $"Megatron-LM takes parts of a pipeline with --{Hybrid} by its | alone");
        if (layers.Parts.Count == 1) return null;
        foreach (var name in new[] { "decoder-first-pipeline-num-layers", "decoder-last-pipeline-num-layers" })
            if (settings.Has(name)) throw settings.Wrong(name, $"contradicts the parts of --{layers.Name}");
        if (layers.Parts.Count % stages != 0) throw settings.Wrong(layers.Name, $"{layers.Parts.Count} parts do not divide into {stages} pipeline stages");
        if (stages == 1) return new() { Interleave = 1 };
        var chunks = layers.Parts.Count / stages;
        return Listed(new() { Pipeline = stages, OverlapPipeline = overlap, ScheduleGroup = chunks > 1 && group != stages ? group : null }, [.. layers.Parts], chunks);
    }
}

// What serving asks of a small cluster's network: the largest model of common use that only many accelerators hold, its experts over all of them, so that every
// token of every layer crosses the network, and answers soon enough to be read.
//
//   served   requests/s of a mixture in FP8, prompts of 2,048 tokens and answers of 512, first token within 2 s and each further one within 50 ms
//            (objectives as interactive services have them), by the best degrees that fit

using Lightloom.Catalog;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Serving;

/// <summary>A demanding model on a small cluster; see the head of this file.</summary>
static class SmallServing
{
    const int Prompt = 2048, Output = 512, FirstToken = 2, PerToken = 50; // tokens, s, ms

    public static string What { get; } = FormattableString.Invariant($"DeepSeek-V3 in FP8, prompts of {Prompt:N0} tokens and answers of {Output:N0}, first token within {FirstToken} s, the others within {PerToken} ms each ('lightloom validate serving' says how the model stands to published rates)");

    /// <summary>Requests/s that a design serves; 0 where the model doesn't fit or no rate keeps the objectives.</summary>
    public static ServingStudy Of(DesignDocument document, Design design, PartCatalog catalog)
    {
        var served = new ServingSection
        {
            Model = catalog.Get<TransformerModel>("deepseek-v3"),
            Precision = Precision.Fp8,
            Prompt = Prompt,
            Output = Output,
            Objectives = new() { FirstToken = Duration.FromSeconds(FirstToken), PerToken = Duration.FromMilliseconds(PerToken) },
        };
        return ServingStudy.Of(document.With(design with { Serving = served }), null, catalog, simulate: false);
    }
}

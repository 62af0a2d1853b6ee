using Lightloom.Catalog.Documents;

namespace Lightloom.Workloads;

/// <summary>A part of a block that selective recomputation computes again, with the name that Megatron Core has for it (2025 and later).</summary>
public enum RecomputedModule
{
    /// <summary>Attention between its projections (core_attn).</summary>
    [DocumentName("core-attention")]
    CoreAttention,

    /// <summary>The norms before attention and before the feed-forward layer (layernorm).</summary>
    Norms,

    /// <summary>Latent attention's projections up to heads (mla_up_proj).</summary>
    [DocumentName("latent-projection")]
    LatentProjection,

    /// <summary>The activation of routed experts (moe_act).</summary>
    [DocumentName("expert-activation")]
    ExpertActivation,

    /// <summary>The feed-forward layer of dense blocks (mlp).</summary>
    [DocumentName("feed-forward")]
    FeedForward,

    /// <summary>The shared experts (shared_experts).</summary>
    [DocumentName("shared-experts")]
    SharedExperts,

    /// <summary>Router, exchange and experts, shared ones among them (moe).</summary>
    Experts,
}

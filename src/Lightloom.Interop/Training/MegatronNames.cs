namespace Lightloom.Interop.Training;

/// <summary>Megatron-LM's arguments by what is known of them; those that <see cref="MegatronArguments"/> asks for aren't here.</summary>
static class MegatronNames
{
    // Which program, data, learning rate, checkpoints, logs, evaluation, initialisation, faults: none of it is work of a step.
    const string WithoutEffect =
        "use-mcore-models use-legacy-models spec enable-experimental attention-dropout weight-decay start-weight-decay end-weight-decay weight-decay-incr-style clip-grad " +
        "adam-beta1 adam-beta2 adam-eps sgd-momentum lion-beta1 lion-beta2 apply-wd-to-qk-layernorm no-weight-decay-cond-type softmax-scale " +
        "lr lr-decay-style lr-wsd-decay-style lr-decay-iters lr-decay-samples lr-wsd-decay-samples lr-wsd-decay-iters lr-warmup-fraction lr-warmup-iters lr-warmup-samples " +
        "lr-warmup-init min-lr override-opt_param-scheduler use-checkpoint-opt_param-scheduler decoupled-lr decoupled-min-lr " +
        "train-iters train-samples log-interval exit-interval exit-duration-in-mins exit-signal-handler exit-signal-handler-for-dataloader tensorboard-dir iterations-to-skip " +
        "no-check-for-nan-in-loss-and-grad check-for-nan-in-loss-and-grad check-for-spiky-loss check-for-large-grads result-rejected-tracker-filename " +
        "check-weight-hash-across-dp-replicas-interval calculate-per-token-loss train-sync-interval profile profile-step-start profile-step-end use-pytorch-profiler profile-ranks " +
        "record-memory-history memory-snapshot-path nvtx-ranges disable-gloo-process-groups use-cpu-initialization manual-gc manual-gc-interval no-manual-gc-eval dataloader-type " +
        "seed data-parallel-random-init init-method-std embedding-init-method-std init-method-xavier-uniform error-injection-rate error-injection-type rerun-mode " +
        "save save-interval persistent-save-interval save-retain-interval no-save-optim no-save-rng load no-load-optim load-main-params-from-ckpt no-load-rng " +
        "no-strict-fsdp-dtensor-load non-persistent-save-interval non-persistent-ckpt-type non-persistent-global-ckpt-dir non-persistent-local-ckpt-dir " +
        "non-persistent-local-ckpt-algo finetune pretrained-checkpoint ckpt-step no-initialization use-checkpoint-args use-mp-args-from-checkpoint-args " +
        "no-use-tokenizer-model-from-checkpoint-args exit-on-missing-checkpoint use-dist-ckpt use-persistent-ckpt-worker auto-detect-ckpt-format dist-ckpt-format ckpt-format " +
        "ckpt-convert-format ckpt-convert-save ckpt-convert-update-legacy-dist-opt-format ckpt-fully-parallel-save no-ckpt-fully-parallel-save async-save ckpt-fully-parallel-load " +
        "ckpt-assume-constant-structure dist-ckpt-strictness dist-ckpt-save-pre-mcore-014 dist-ckpt-optim-fully-reshardable distrib-optim-fully-reshardable-mem-efficient " +
        "load-model-opt-format override-ckpt-iteration dist-ckpt-workers " +
        "loss-scale initial-loss-scale min-loss-scale loss-scale-window hysteresis apply-query-key-layer-scaling fp16-lm-cross-entropy " +
        "distributed-backend distributed-timeout-minutes distributed-timeout-seconds-after-init local-rank lazy-mpu-init high-priority-stream-groups nccl-communicator-config-path pipeline-model-parallel-comm-backend replication " +
        "replication-jump replication-factor init-model-with-meta-device ddp-pad-buckets-for-high-nccl-busbw " +
        "full-validation multiple-validation-sets eval-iters eval-interval test-mode skip-train vocab-file merge-file vocab-extra-ids tokenizer-model tokenizer-metadata tiktoken-pattern " +
        "tiktoken-num-special-tokens tiktoken-special-tokens legacy-tokenizer trust-remote-code tokenizer-hf-use-fast tokenizer-sentencepiece-legacy " +
        "data-path split train-data-path valid-data-path test-data-path data-args-path per-split-data-args-path data-cache-path no-mmap-bin-files mock-data sample-rate mask-prob " +
        "short-seq-prob num-workers reset-position-ids reset-attention-mask eod-mask-loss no-create-attention-mask-in-dataloader num-dataset-builder-threads " +
        "object-storage-cache-path mid-level-dataset-surplus allow-ambiguous-pad-tokens dataloader-fast-cache-load dataloader-defer-npy-index-mmap adlr-autoresume adlr-autoresume-interval " +
        "log-params-norm log-num-zeros-in-grad log-throughput log-progress timing-log-level log-energy no-barrier-with-level-1-timing timing-log-option tensorboard-log-interval " +
        "tensorboard-queue-size log-timers-to-tensorboard no-log-loss-scale-to-tensorboard log-loss-scale-to-tensorboard log-validation-ppl-to-tensorboard log-memory-to-tensorboard " +
        "log-world-size-to-tensorboard log-learning-rate-to-tensorboard no-log-learning-rate-to-tensorboard log-batch-size-to-tensorboard log-memory-interval log-device-memory-used wandb-project wandb-entity wandb-exp-name wandb-save-dir logging-level " +
        "log-straggler disable-straggler-on-startup straggler-ctrlr-port straggler-minmax-count run-workload-inspector-server no-one-logger one-logger-project " +
        "one-logger-run-name one-logger-async app-tag-run-name app-tag-run-version enable-ft-package calc-ft-timeouts ft-num-warmup-iters config-logger-dir otel-enabled " +
        "otel-service-name otel-span-groups enable-msc disable-msc inprocess-restart inprocess-max-iterations inprocess-monitor-thread-interval inprocess-monitor-process-interval inprocess-progress-watchdog-interval inprocess-heartbeat-interval inprocess-soft-timeout inprocess-hard-timeout inprocess-heartbeat-timeout inprocess-barrier-timeout inprocess-completion-timeout inprocess-last-call-wait inprocess-termination-grace-time inprocess-granularity inprocess-active-world-size inprocess-empty-cuda-cache onnx-safe bert-no-binary-head norm-epsilon layernorm-epsilon rotary-base rotary-percent rotary-interleaved rotary-seq-len-interpolation-factor " +
        "use-rope-scaling rope-scaling-factor rope-type rotary-scaling-factor mscale mscale-all-dim mrope-section yarn-original-max-position-embeddings yarn-beta-fast yarn-beta-slow " +
        "yarn-correction-range-round-to-int no-yarn-correction-range-round-to-int apply-layernorm-1p moe-aux-loss-coeff moe-z-loss-coeff moe-input-jitter-eps moe-per-layer-logging " +
        "moe-router-load-balancing-type moe-router-score-function moe-router-pre-softmax moe-router-topk-scaling-factor moe-router-bias-update-rate moe-router-force-load-balancing " +
        "mtp-loss-scaling-factor glu-linear-offset fp8-margin fp8-interval fp8-amax-history-len fp8-amax-compute-algo " +
        "te-rng-tracker inference-rng-tracker no-load-strict max-tokens-to-oom output-bert-embeddings bert-embedder-type flash-decode deterministic-mode tp-comm-bootstrap-backend position-embedding-base";

    // Known, and of some effect on time or memory that isn't modelled, or is part of what was measured.
    const string NotModelledHere =
        "attention-backend use-flash-attn transformer-impl attention-softmax-in-fp32 no-masked-softmax-fusion no-bias-gelu-fusion no-bias-swiglu-fusion " +
        "use-fused-weighted-squared-relu no-bias-dropout-fusion no-rope-fusion no-persist-layer-norm hidden-dropout " +
        "no-gradient-accumulation-fusion use-te-activation-func disable-bf16-reduced-precision-matmul fp32-residual-connection " +
        "apply-residual-connection-post-layernorm optimizer use-torch-optimizer-for-cpu-offload overlap-cpu-optimizer-d2h-h2d no-pin-cpu-grads " +
        "no-pin-cpu-params empty-unused-memory-level decrease-batch-size-if-needed " +
        "distribute-saved-activations no-clone-scatter-output-in-embedding fine-grained-activation-offloading offload-modules " +
        "disable-tp-comm-overlap-ag disable-tp-comm-overlap-rs disable-tp-comm-split-ag disable-tp-comm-split-rs tp-comm-overlap-rs-dgrad disable-tp-comm-bulk-dgrad " +
        "disable-tp-comm-bulk-wgrad tp-comm-overlap-cfg no-fp8-wgrad first-last-layers-bf16 num-layers-at-start-in-bf16 num-layers-at-end-in-bf16 " +
        "te-precision-config-file keep-fp8-transpose-cache reuse-grad-buf-for-mxfp8-param-ag overlap-p2p-communication-warmup-flush defer-embedding-wgrad-compute " +
        "wgrad-deferral-limit no-align-grad-reduce no-align-param-gather ddp-num-buckets ddp-bucket-size ddp-average-in-collective ddp-reduce-scatter-with-fp32-accumulation " +
        "overlap-param-gather-with-optimizer-step no-scatter-gather-tensors-in-pipeline use-ring-exchange-p2p use-nccl-ub disable-symmetric-registration use-sharp sharp-enabled-group " +
        "no-gradient-reduce-div-fusion fsdp-double-buffer fsdp-manual-registration create-all-gather-group megatron-fsdp-max-pool-double-buffer suggested-communication-unit-size " +
        "hierarchical-context-parallel-sizes moe-shared-expert-overlap moe-grouped-gemm moe-use-legacy-grouped-gemm " +
        "moe-layer-recompute moe-router-dtype moe-router-fusion moe-router-padding-for-fp8 moe-router-padding-for-quantization moe-enable-deepep " +
        "moe-flex-dispatcher-backend moe-deepep-num-sms moe-token-drop-policy moe-apply-probs-on-input " +
        "delay-wgrad-compute moe-use-upcycling moe-upcycling-granularity no-rope-freq qk-l2-norm cuda-graph-warmup-steps " +
        "optimizer-cuda-graph mla-down-proj-fusion kitchen-config-file kitchen-recipe-number relative-attention-num-buckets relative-attention-max-distance sft sft-tokenizer-prompt-format " +
        "freeze-all-layers decoder-seq-length use-mamba-mem-eff-path disable-mamba-mem-eff-path mamba-training-ssm-states-dtype keep-mtp-spec-in-bf16 muon-momentum muon-tp-mode output-logit-dtype microbatch-group-size-per-vp-stage";

    static readonly HashSet<string> NoEffect = [.. WithoutEffect.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    static readonly HashSet<string> NotModelled = [.. NotModelledHere.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>What is asked for only where there are experts.</summary>
    public static IReadOnlyList<string> OfExperts { get; } =
        ["num-experts", "moe-layer-freq", "moe-ffn-hidden-size", "moe-shared-expert-intermediate-size", "moe-shared-expert-gate", "moe-router-topk", "moe-router-enable-expert-bias", "moe-latent-size"];

    /// <summary>What is asked for only where layers stand in a pattern.</summary>
    public static IReadOnlyList<string> OfPatterns { get; } =
        ["mamba-state-dim", "mamba-head-dim", "mamba-num-groups", "mamba-num-heads", "mtp-hybrid-override-pattern"];

    /// <summary>What describes the model.</summary>
    public static IReadOnlyList<string> OfTheModel { get; } =
    [
        "num-layers", "encoder-num-layers", "hidden-size", "ffn-hidden-size", "num-attention-heads", "group-query-attention", "num-query-groups", "kv-channels", "swiglu", "quick-geglu",
        "gated-linear-unit", "squared-relu", "openai-gelu", "disable-bias-linear", "add-qkv-bias", "normalization", "untie-embeddings-and-output-weights", "position-embedding-type",
        "use-rotary-position-embeddings", "no-position-embedding", "multi-latent-attention", "q-lora-rank", "kv-lora-rank", "qk-head-dim", "qk-pos-emb-head-dim",
        "v-head-dim", "window-size", "window-attn-skip-freq", "softmax-type", "qk-layernorm", "mtp-num-layers", "mtp-use-repeated-layer", "hybrid-layer-pattern", "hybrid-override-pattern", "is-hybrid-model", "vocab-size", "padded-vocab-size", "tokenizer-type", .. OfExperts, .. OfPatterns,
    ];

    static readonly string[] OfTheJob =
    [
        "tensor-model-parallel-size", "pipeline-model-parallel-size", "context-parallel-size", "expert-model-parallel-size", "expert-tensor-parallel-size", "moe-extended-tp",
        "sequence-parallel", "seq-length", "encoder-seq-length", "max-position-embeddings", "micro-batch-size", "global-batch-size", "rampup-batch-size", "step-batch-size-schedule",
        "num-layers-per-virtual-pipeline-stage", "num-virtual-stages-per-pipeline-rank", "pipeline-model-parallel-layout", "decoder-first-pipeline-num-layers",
        "decoder-last-pipeline-num-layers", "microbatch-group-size-per-virtual-pipeline-stage", "no-overlap-p2p-communication", "account-for-embedding-in-pipeline-split",
        "account-for-loss-in-pipeline-split", "use-distributed-optimizer", "use-megatron-fsdp", "use-custom-fsdp", "use-torch-fsdp2", "torch-fsdp2-no-reshard-after-forward",
        "data-parallel-sharding-strategy", "recompute-activations", "recompute-granularity", "recompute-method", "recompute-num-layers", "recompute-modules", "bf16", "fp16",
        "fp8-format", "fp8-recipe", "fp4-format", "grad-reduce-in-bf16", "accumulate-allreduce-grads-in-fp32", "overlap-grad-reduce", "overlap-param-gather", "tp-comm-overlap",
        "use-tp-pp-dp-mapping", "make-vocab-size-divisible-by", "optimizer-cpu-offload", "optimizer-offload-fraction", "use-precision-aware-optimizer", "main-grads-dtype", "main-params-dtype",
        "megatron-fsdp-main-params-dtype", "megatron-fsdp-main-grads-dtype", "megatron-fsdp-grad-comm-dtype",
        "exp-avg-dtype", "exp-avg-sq-dtype", "cpu-offloading", "cpu-offloading-num-layers", "fp8-param-gather", "fp4-param-gather", "fp4-recipe", "outer-dp-sharding-strategy",
        "enable-full-sharding-in-hsdp", "num-distributed-optimizer-instances", "cp-comm-type", "moe-router-num-groups", "moe-router-group-topk", "moe-expert-capacity-factor",
        "moe-pad-expert-input-to-capacity", "overlap-moe-expert-parallel-comm", "moe-fb-overlap", "cross-entropy-loss-fusion", "cross-entropy-fusion-impl", "enable-zero-bubble",
        "zero-bubble-v-schedule", "zero-bubble-v-schedule-mem-setup", "zero-bubble-max-pending-backward", "enable-optimizer-post-validation", "schedules-method",
        "no-async-tensor-model-parallel-allreduce", "cuda-graph-impl", "cuda-graph-modules", "cuda-graph-scope", "enable-cuda-graph", "external-cuda-graph",
    ];

    /// <summary>Every name that is known.</summary>
    public static IReadOnlyCollection<string> All { get; } = [.. NoEffect, .. NotModelled, .. OfTheModel, .. OfTheJob];

    /// <summary>What is known of an argument that wasn't asked for; null where nothing is.</summary>
    public static (ArgumentUse Use, string Note)? Known(string name) =>
        NotModelled.Contains(name) ? (ArgumentUse.NotModelled, "")
        : NoEffect.Contains(name) || name.StartsWith("rl-", StringComparison.Ordinal) || name.StartsWith("inference-", StringComparison.Ordinal) || name.StartsWith("one-logger-", StringComparison.Ordinal)
            ? (ArgumentUse.NoEffect, "")
        : OfTheModel.Contains(name) || OfTheJob.Contains(name) ? (ArgumentUse.NoEffect, "nothing here depends on it")
        : null;
}

#!/bin/bash
# GPT-3 175B as Megatron-LM's example trains it, on 128 nodes of 8: lightloom train import examples/launch/gpt3-175b.sh --system dgx-a100
GPUS_PER_NODE=8
NODES=${SLURM_NNODES:-128}
CHECKPOINTS=$1
DATA=$2

LAUNCH=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes $NODES
)
MODEL=(
    --num-layers 96
    --hidden-size 12288
    --num-attention-heads 96
    --seq-length 2048
    --max-position-embeddings 2048
    --tokenizer-type GPT2BPETokenizer
)
TRAINING=(
    --micro-batch-size 1
    --global-batch-size 1536
    --rampup-batch-size 16 16 5859375
    --train-iters 500000
    --lr 6.0e-5
    --lr-decay-style cosine
    --clip-grad 1.0
    --bf16
)
PARALLEL=(
    --tensor-model-parallel-size 8
    --pipeline-model-parallel-size 16
    --num-layers-per-virtual-pipeline-stage 3
    --sequence-parallel
    --recompute-activations
    --use-distributed-optimizer
    --overlap-grad-reduce
    --overlap-param-gather
)
if [ -n "$WANDB_API_KEY" ]; then
    TRAINING+=(--wandb-project gpt3)
fi

torchrun "${LAUNCH[@]}" pretrain_gpt.py ${MODEL[@]} ${TRAINING[@]} ${PARALLEL[@]} \
    --data-path $DATA --save $CHECKPOINTS --load $CHECKPOINTS --save-interval 1000

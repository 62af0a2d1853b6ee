#!/bin/bash
#SBATCH --nodes=8
#SBATCH --ntasks-per-node=8
# Mixtral 8x7B with eight experts on eight ranks: lightloom train import examples/launch/mixtral-8x7b.sh --system dgx-h100
ARGS=" \
    --num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 \
    --group-query-attention --num-query-groups 8 --swiglu --normalization RMSNorm \
    --position-embedding-type rope --disable-bias-linear --untie-embeddings-and-output-weights \
    --tokenizer-type Llama2Tokenizer --seq-length 4096 --max-position-embeddings 32768 \
    --num-experts 8 --moe-router-topk 2 --moe-grouped-gemm --moe-token-dispatcher-type alltoall \
    --micro-batch-size 1 --global-batch-size 256 --bf16 \
"
ARGS+=" --tensor-model-parallel-size 1 --pipeline-model-parallel-size 4 --num-layers-per-virtual-pipeline-stage 2"
ARGS+=" --expert-model-parallel-size 8 --use-distributed-optimizer --overlap-grad-reduce --overlap-param-gather"
srun bash -c "python -u pretrain_gpt.py ${ARGS}"

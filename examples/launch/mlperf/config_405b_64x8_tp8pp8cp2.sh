# Llama 3.1 405B as submitted to MLPerf training 5.0 on 512 H100 (a step took 55.1 s):
# lightloom train import examples/launch/mlperf/config_405b_64x8_tp8pp8cp2.sh --system dgx-h100
source $(dirname ${BASH_SOURCE[0]})/config_common.sh

export MINIBS=288
export TENSOR_MODEL_PARALLEL=8
export PIPELINE_MODEL_PARALLEL=8
export INTERLEAVED_PIPELINE=8
export CONTEXT_PARALLEL=2
export MICRO_BATCH_SIZE=1

export TP_COMM_OVERLAP=True
export ASYM_PP_EMBED=True
export ASYM_PP_LOSS=True

export DGXNNODES=64
export DGXNGPU=8
export WALLTIME=$((5 + ${NEXP:-1} * 205))

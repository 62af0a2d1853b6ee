namespace Lightloom.Workloads;

/// <summary>Names of the parts of a step for people and for machines.</summary>
public static class StepParts
{
    /// <summary>The name in a report.</summary>
    public static string Name(StepPart part) => part switch
    {
        StepPart.Matmul => "matrix multiplications",
        StepPart.Attention => "attention",
        StepPart.Elementwise => "element-wise",
        StepPart.Recompute => "recomputation",
        StepPart.HostWait => "waiting for the host",
        StepPart.TensorCommunication => "tensor-parallel communication",
        StepPart.ContextCommunication => "context-parallel communication",
        StepPart.ExpertCommunication => "expert-parallel communication",
        StepPart.PipelineCommunication => "pipeline sends",
        StepPart.PipelineBubble => "pipeline bubble",
        StepPart.DataCommunication => "data-parallel communication",
        StepPart.HostTransfer => "host's memory",
        _ => "optimiser",
    };

    /// <summary>The name in a report about a model: what stands for attention in its state space layers counts with it.</summary>
    public static string Name(StepPart part, ModelSize model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return part != StepPart.Attention || model.StateSpaceLayers == 0 ? Name(part) : model.AttentionLayers == 0 ? "scans" : "attention and scans";
    }

    /// <summary>The name in JSON.</summary>
    public static string Key(StepPart part) => part switch
    {
        StepPart.Matmul => "matmul",
        StepPart.Attention => "attention",
        StepPart.Elementwise => "elementwise",
        StepPart.Recompute => "recompute",
        StepPart.HostWait => "hostWait",
        StepPart.TensorCommunication => "tensorCommunication",
        StepPart.ContextCommunication => "contextCommunication",
        StepPart.ExpertCommunication => "expertCommunication",
        StepPart.PipelineCommunication => "pipelineCommunication",
        StepPart.PipelineBubble => "pipelineBubble",
        StepPart.DataCommunication => "dataCommunication",
        StepPart.HostTransfer => "hostTransfer",
        _ => "optimizer",
    };
}

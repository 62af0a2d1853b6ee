using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>What every site computes in a step, where the batch is shared so that all take the same time.</summary>
public sealed record SiteWork
{
    /// <summary>Parameters of each layer, first to last; those of the embedding and the output layer belong to the first and the last.</summary>
    public required IReadOnlyList<double> LayerParameters { get; init; }

    /// <summary>Time of a step of one site by itself, with everything that happens inside it.</summary>
    public required Duration Step { get; init; }

    /// <summary>Share of a pass that is forward: 1/3, because backward computes two gradients for each forward product.</summary>
    public double ForwardShare { get; init; } = 1.0 / 3;

    /// <summary>
    /// Passes over the model in a step: gradients are complete in the last one alone, and the first alone waits for parameters. 1 for one
    /// large batch; with m microbatches on p pipeline stages (m + p - 1)/p.
    /// </summary>
    public double Passes { get; init; } = 1;

    /// <summary>Part of the step that is data-parallel communication inside the site which nothing hides.</summary>
    public Duration InsideExposed { get; init; }

    /// <summary>Time to reduce and scatter all gradients inside a site; layers take their share of it.</summary>
    public Duration InsideScatter { get; init; }

    /// <summary>Time to gather all parameters inside a site; layers take their share of it.</summary>
    public Duration InsideGather { get; init; }

    /// <summary>Part of the step that a pipeline inside the site leaves idle.</summary>
    public Duration InsideBubble { get; init; }

    /// <summary>Pipeline stages of each site, if a pipeline passes all of them; one each unless given, none where sites don't hold whole ones.</summary>
    public IReadOnlyList<int>? Stages { get; init; }

    /// <summary>Microbatches of the whole job that pass a pipeline through all sites in a step; 0 where it is not known.</summary>
    public int MicroBatches { get; init; }

    /// <summary>Activations of one microbatch of all replicas at the end of a layer; none where it is not known.</summary>
    public DataSize Boundary { get; init; }

    /// <summary>Layers.</summary>
    public int Layers => LayerParameters.Count;

    /// <summary>Parameters of the model.</summary>
    public double Parameters => LayerParameters.Sum();

    /// <summary>Equal layers in one large batch: what the published simulations assume.</summary>
    /// <param name="parameters">Parameters of the model.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="step">Time of a step.</param>
    public static SiteWork Of(double parameters, int layers, Duration step) =>
        new() { LayerParameters = [.. Enumerable.Repeat(parameters / layers, layers)], Step = step };

    /// <summary>The layers of a model, with what stands before and behind them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="step">Time of a step.</param>
    public static SiteWork Of(ModelSize model, Duration step)
    {
        ArgumentNullException.ThrowIfNull(model);
        var layers = model.Model.Layers;
        var outside = model.EmbeddingParameters + model.OutputParameters + model.FinalNormParameters;
        var each = (model.Parameters - outside) / layers;
        var all = Enumerable.Repeat(each, layers).ToArray();
        // A tied output layer is the embedding: its gradient is complete at the end of the backward pass.
        all[0] += model.EmbeddingParameters;
        all[^1] += model.OutputParameters + model.FinalNormParameters;
        return new() { LayerParameters = all, Step = step };
    }
}

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>What became of an argument of a launch file.</summary>
public enum ArgumentUse
{
    /// <summary>It is part of the job.</summary>
    Used,

    /// <summary>It is known and changes neither the time nor the memory of a step.</summary>
    NoEffect,

    /// <summary>It is known, may change time or memory, and isn't modelled.</summary>
    NotModelled,

    /// <summary>Nothing is known of it.</summary>
    Unknown,
}

/// <summary>An argument of a launch file.</summary>
/// <param name="Name">Its name as it was written.</param>
/// <param name="Value">Its value as it was written; empty where it has none.</param>
/// <param name="Use">What became of it.</param>
/// <param name="Note">More on that, in a few words; empty where there is no more.</param>
/// <param name="Mark">Where it stands.</param>
public sealed record ImportedArgument(string Name, string Value, ArgumentUse Use, string Note, Mark Mark);

/// <summary>A training job as a launch file of another program describes it.</summary>
public sealed record ImportedJob
{
    /// <summary>The kind of file: megatron, megatron-bridge, torchtitan, mlperf, calculon.</summary>
    public required string Kind { get; init; }

    /// <summary>The file, as the user named it.</summary>
    public required string File { get; init; }

    /// <summary>The model.</summary>
    public required TransformerModel Model { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int Sequence { get; init; }

    /// <summary>Sequences of one step.</summary>
    public required int GlobalBatch { get; init; }

    /// <summary>Number format of matrix multiplications.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Degrees of parallelism.</summary>
    public required Parallelism Parallelism { get; init; }

    /// <summary>How memory is used where the degrees don't say it.</summary>
    public MemoryPlan Memory { get; init; } = MemoryPlan.Default;

    /// <summary>Whether the model's own weights stand still and only small adapters learn (LoRA).</summary>
    public bool FrozenWeights { get; init; }

    /// <summary>Accelerators that the job runs on.</summary>
    public required int Accelerators { get; init; }

    /// <summary>What became of each argument, in the order in which they stand.</summary>
    public IReadOnlyList<ImportedArgument> Arguments { get; init; } = [];

    /// <summary>What the file doesn't say, or says otherwise, and was taken as something, in sentences.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>Where what a key of the job comes from stands ("parallelism.tensor"), for complaints.</summary>
    internal IReadOnlyDictionary<string, (string Name, Mark Mark)> Places { get; init; } = new Dictionary<string, (string, Mark)>();

    /// <summary>The job as the step model takes it.</summary>
    /// <exception cref="InputException">It breaks a rule; the message says which, where, and the nearest choices that don't.</exception>
    public TrainingJob ToTrainingJob()
    {
        try
        {
            return new TrainingJob
            {
                Model = new(Model),
                Sequence = Sequence,
                GlobalBatch = GlobalBatch,
                Precision = Precision,
                Parallelism = Parallelism,
                Memory = Memory,
                FrozenWeights = FrozenWeights,
                Accelerators = Accelerators,
            }.Checked();
        }
        catch (JobException e)
        {
            var place = Places.TryGetValue(e.Field, out var exact) ? exact
                : e.Field.StartsWith("parallelism", StringComparison.Ordinal) && Places.TryGetValue("parallelism.tensor", out var tensor) ? tensor
                : default;
            throw new InputException(place.Name is null ? $"'{File}': {e.Message} ({e.Field})" : $"{place.Name}: {e.Message}", place.Name is null ? null : place.Mark);
        }
    }
}

/// <summary>What a user says besides the launch file.</summary>
public sealed record ImportOptions
{
    /// <summary>The kind of file; guessed unless given.</summary>
    public string? Kind { get; init; }

    /// <summary>Accelerators, where the file doesn't say or another number is wanted.</summary>
    public int? Accelerators { get; init; }

    /// <summary>The model, where the file doesn't say; its name in <see cref="ModelName"/>.</summary>
    public TransformerModel? Model { get; init; }

    /// <summary>How the user called the model.</summary>
    public string? ModelName { get; init; }

    /// <summary>
    /// What stood behind the file: <c>NAME=value</c> sets a variable before the script starts, words from the first that begins with a dash
    /// on are added to the arguments, others are the script's own arguments.
    /// </summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}

using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Launch files of other programs, read as training jobs.</summary>
public static class TrainingImports
{
    internal const string Megatron = "megatron";
    internal const string Bridge = "megatron-bridge";
    internal const string TorchTitan = "torchtitan";
    internal const string Mlperf = "mlperf";
    internal const string Calculon = "calculon";

    static readonly Dictionary<string, Func<string, ImportOptions, ImportedJob>> Readers = new(StringComparer.Ordinal)
    {
        [Megatron] = MegatronScript.Read,
        [Bridge] = MegatronBridge.Read,
        [TorchTitan] = TorchTitanConfig.Read,
        [Mlperf] = MlperfConfig.Read,
        [Calculon] = CalculonFiles.Read,
    };

    /// <summary>The kinds of files.</summary>
    public static IReadOnlyCollection<string> Kinds => Readers.Keys;

    /// <summary>Reads a launch file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the user says besides.</param>
    /// <exception cref="InputException">It can't be read, is of no kind that is known, lacks what a job needs, or contradicts itself.</exception>
    public static ImportedJob ReadFile(string path, ImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new();
        var kind = options.Kind ?? Guess(path);
        if (!Readers.TryGetValue(kind, out var read)) throw new InputException($"there is no kind '{kind}'{Nearest.Hint(kind, Readers.Keys)}");
        var job = read(path, options);
        CheckLimits(job, job.Model, "");
        CheckLimits(job, job.Parallelism, "parallelism.");
        CheckLimits(job, job.Memory, "memory.");
        if (job.Accelerators > 10_000_000) throw new InputException($"'{path}' runs on {job.Accelerators:N0} accelerators; expected at most 10,000,000");
        job.ToTrainingJob();
        return job;
    }

    /// <summary>Each figure within what a design may have.</summary>
    static void CheckLimits(ImportedJob job, object part, string prefix)
    {
        foreach (var property in DocumentShape.Of(part.GetType()).Properties)
        {
            var value = property.Property.GetValue(part);
            if (value is ExpertLayers or LatentAttention or LocalAttention) CheckLimits(job, value, prefix);
            if (value is not int number || property.Limits is not { } limits || (number >= limits.Minimum && number <= limits.Maximum)) continue;
            var place = job.Places.GetValueOrDefault($"{prefix}{property.Key}");
            throw new InputException($"{place.Name ?? $"'{job.File}', {property.Key}"}: {number:N0} is out of range; expected from {limits.Minimum:N0} to {limits.Maximum:N0}", place.Name is null ? null : place.Mark);
        }
    }

    /// <summary>The kind of a file, by its ending and by words that only one kind has.</summary>
    static string Guess(string path)
    {
        var ending = Path.GetExtension(path);
        if (ending == ".toml") return TorchTitan;
        if (ending == ".json") return Calculon;
        if (ending is ".yaml" or ".yml") return Bridge;
        var text = BoundedFile.Read(path, ShellText.MaximumBytes, static bytes => Encoding.Latin1.GetString(bytes));
        bool Has(string word) => text.Contains(word, StringComparison.Ordinal);
        if (Has("TENSOR_MODEL_PARALLEL=") || Has("PIPELINE_MODEL_PARALLEL=") || (Has("DGXNNODES=") && Has("MINIBS="))) return Mlperf;
        if (Has("--tensor-model-parallel-size") || Has("--num-layers") || Has("--micro-batch-size") || Has("--hidden-size")) return Megatron;
        if (Has("tensor_model_parallel_size=") || Has("micro_batch_size=") || Has("--recipe") || Has("run_recipe.py")) return Bridge;
        throw new InputException($"'{path}' is of no kind that is known by its ending or by its words; give --kind, one of {string.Join(", ", Readers.Keys)}");
    }
}

using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>
/// What a vendor's published recipe sets beyond the columns of a table of training steps. The recipes stand in <c>data/recipes</c>: settings of Megatron
/// Bridge's performance recipes by release, read from its public code (Apache 2.0, releases 0.1.0 of 2025-09 to 0.6.0 of 2026-08).
/// </summary>
sealed record TrainingRecipe
{
    static readonly Lazy<IReadOnlyList<TrainingRecipe>> Shipped = new(Read);

    /// <summary>The first and the last release that has it, such as 26.06 or 26.0401 (26.04.01).</summary>
    public required (double From, double To) Releases { get; init; }

    /// <summary>The model as tables name it.</summary>
    public required string Model { get; init; }

    /// <summary>The accelerator as tables name it.</summary>
    public required string Accelerator { get; init; }

    /// <summary>What matrices are computed in; the kinds of scaling that a table doesn't tell apart are one.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Degrees that must be a row's: tensor, pipeline and expert parallelism.</summary>
    public required (int Tensor, int Pipeline, int Expert) Degrees { get; init; }

    /// <summary>Degrees that should be: context, chunks, microbatch, batch, accelerators.</summary>
    public required (int Context, int Interleave, int MicroBatch, int GlobalBatch, int Accelerators) Sizes { get; init; }

    /// <summary>Whether tokens travel by plain all-to-alls, for which the host waits.</summary>
    public required bool AllToAll { get; init; }

    /// <summary>Whether tokens travel to experts beside another microbatch's computation.</summary>
    public required bool OverlapExchange { get; init; }

    /// <summary>Whether tensor ranks are known to wait for each other's parts, because the recipe leaves out what cuts them up beside their matrices.</summary>
    public required bool TensorWaits { get; init; }

    /// <summary>Parts of a block that are computed again; empty for none.</summary>
    public required IReadOnlyList<RecomputedModule> Recompute { get; init; }

    /// <summary>Blocks of a stage that are computed again whole.</summary>
    public required int RecomputeBlocks { get; init; }

    /// <summary>Whether experts' matrices, their activation and casts are fused kernels for all experts of a rank.</summary>
    public required bool FusedExperts { get; init; }

    /// <summary>How many tokens an expert takes at most, as a share of an equal deal, its batch padded to that; null where none are dropped.</summary>
    public required double? Capacity { get; init; }

    /// <summary>What is recorded as graphs.</summary>
    public required RecordedGraphs Graphs { get; init; }

    /// <summary>The recipe of a row: of those with its degrees the one with most of its sizes, of its release or the nearest; null where there is none.</summary>
    /// <param name="row">A row of a table of training steps.</param>
    /// <param name="release">The release that it names.</param>
    /// <param name="precision">What its matrices were computed in.</param>
    public static TrainingRecipe? Of(CsvRow row, double release, Precision precision)
    {
        var accelerator = row["gpu_type"].Split('-')[0];
        bool Says(string column, int value, int open = 1) => row[column] is "" or "n/a" ? value == open : row[column] == value.ToString(CultureInfo.InvariantCulture);
        return Shipped.Value
            .Where(r => r.Model == row["model"] && r.Accelerator == accelerator && r.Precision == precision)
            .Where(r => Says("tp", r.Degrees.Tensor) && Says("pp", r.Degrees.Pipeline) && Says("ep", r.Degrees.Expert))
            .OrderBy(r => r.Away(release))
            .ThenByDescending(r => new[] { Says("cp", r.Sizes.Context), Says("vp_interleave", r.Sizes.Interleave), Says("microbatch", r.Sizes.MicroBatch, 0), Says("globalbatch", r.Sizes.GlobalBatch, 0), Says("gpus", r.Sizes.Accelerators, 0) }.Count(b => b))
            .FirstOrDefault();
    }

    /// <summary>The recipe of a figure that a footnote qualifies: what the release records and fuses beyond the ones before is not taken for it.</summary>
    /// <param name="qualified">Whether it has a footnote.</param>
    public TrainingRecipe Told(bool qualified) =>
        qualified && FusedExperts ? this with { FusedExperts = false, OverlapExchange = false, Graphs = RecordedGraphs.Parts } : this;

    double Away(double release) => Math.Max(0, Math.Max(Releases.From - release, release - Releases.To));

    static List<TrainingRecipe> Read()
    {
        const string Name = "recipes/megatron-bridge.csv";
        return [.. CsvTable.Read(ShippedData.Text(Name), Name).Rows.Select(Of)];
    }

    static TrainingRecipe Of(CsvRow row)
    {
        int Number(string column) => row[column].Length == 0 ? 0 : (int)row.Count(column, 0, 100_000_000);
        return new()
        {
            Releases = (ReleaseOf(row["from"]), ReleaseOf(row["to"])),
            Model = row["model"],
            Accelerator = row["accelerator"],
            Precision = row["precision"] switch { "bf16" => Precision.Bf16, "mxfp8" => Precision.Mxfp8, "nvfp4" => Precision.Nvfp4, _ => Precision.Fp8 },
            Degrees = (Number("tp"), Number("pp"), Number("ep")),
            Sizes = (Number("cp"), Number("vp"), Number("microbatch"), Number("globalbatch"), Number("gpus")),
            AllToAll = row["dispatcher"] == "all-to-all",
            OverlapExchange = row["overlap_exchange"] == "1",
            TensorWaits = row["overlap_tensor"] == "0",
            Recompute = [.. row["recompute"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Named<RecomputedModule>)],
            RecomputeBlocks = Number("recompute_layers"),
            FusedExperts = row["fused_experts"] == "1",
            Graphs = Named<RecordedGraphs>(row["graphs"]),
            Capacity = row.NumberOrNull("capacity", 0.01, 100),
        };
    }

    static T Named<T>(string name) where T : struct, Enum => Enum.GetValues<T>().Single(m => DocumentShape.NameOf(m) == name);

    /// <summary>A release as a number that grows with it: 26.04 and 26.04.01 are 26.04 and 26.0401.</summary>
    public static double ReleaseOf(string text)
    {
        var parts = text.Split('.');
        return double.Parse($"{parts[0]}.{string.Concat(parts.Skip(1))}", CultureInfo.InvariantCulture);
    }
}

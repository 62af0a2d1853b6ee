// Flows of named scenarios beside the times at which another simulator completes them.
//
//   the file's name is the scenario's; what stands before an underscore is taken for the name of the other simulator
//   a row agrees where |predicted / published - 1| <= 1e-9
//
// Programs of messages beside their closed forms in LogGOPS, to the nanosecond.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Scenarios;

namespace Lightloom.Planning.Validation;

/// <summary>Named scenarios of the flow engine beside others' answers; the tables are those of <c>data/validation/simulation</c>.</summary>
public sealed class SimulationValidation : IValidationKind
{
    const double Tolerance = 1e-9;

    /// <inheritdoc/>
    public string Name => "simulation";

    /// <inheritdoc/>
    public string Description => "completion times of single flows beside those of other simulators";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("flow_completions", ["src", "dst", "bytes", "finish_s"], Flows),
        new("goal_closed_forms", ["program", "ranks", "bytes", "latency_ns", "overhead_ns", "gap_ns", "gap_per_byte_ns", "largest_eager_bytes", "finish_ns"], Messages),
    ];

    static void Flows(CsvTable table, ValidationRun run)
    {
        var name = Path.GetFileNameWithoutExtension(table.Name);
        name = name[(name.LastIndexOf('_') + 1)..];
        FlowScenario scenario;
        try
        {
            scenario = FlowScenario.Find(name);
        }
        catch (InputException e)
        {
            foreach (var row in table.Rows) run.Skip(row, $"{table.Name}: {e.Problem}");
            return;
        }
        if (table.Rows.Count > scenario.Flows) throw table.Rows[(int)scenario.Flows].Wrong("src", $"scenario '{name}' has {scenario.Flows:N0} flows, and the table more rows");
        var result = scenario.Run();
        for (var i = 0; i < table.Rows.Count; i++)
        {
            var row = table.Rows[i];
            var (source, destination) = scenario.EndsOf(i);
            if (row.Count("src", 0, int.MaxValue) != source) throw row.Wrong("src", $"expected {source}, the sender of flow {i:N0} of scenario '{name}'");
            if (row.Count("dst", 0, int.MaxValue) != destination) throw row.Wrong("dst", $"expected {destination}, the receiver of flow {i:N0} of scenario '{name}'");
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = $"{source} to {destination}",
                Quantity = "completion",
                Published = row.Real("finish_s", 1e-12, 1e12),
                Predicted = result.FinishOf(i),
                Unit = "s",
                Tolerance = Tolerance,
                Tags = [new("scenario", name)],
            });
        }
    }

    static void Messages(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            Duration Time(string column) => Duration.FromNanoseconds(row.Real(column, 0, 1e9));
            var program = row.Text("program");
            var played = Of(row, () => MessageSimulation.Run(MessageScenario.Of(program, (int)row.Count("ranks", 2, 1 << 20), row.Count("bytes", 1, 1L << 50)), new()
            {
                Latency = Time("latency_ns"),
                Overhead = Time("overhead_ns"),
                Gap = Time("gap_ns"),
                GapPerByte = Time("gap_per_byte_ns"),
                LargestEager = row.Count("largest_eager_bytes", 0, long.MaxValue),
            }));
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = $"{program} of {row.Text("bytes")} B among {row.Text("ranks")}",
                Quantity = "time",
                Published = row.Real("finish_ns", 1, 1e18),
                Predicted = played.Time.Picoseconds / 1e3,
                Unit = "ns",
                Tolerance = 0,
                Tags = [new("program", program)],
            });
        }
    }

    static MessageRun Of(CsvRow row, Func<MessageRun> play)
    {
        try
        {
            return play();
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw row.Wrong(e.Problem);
        }
    }
}

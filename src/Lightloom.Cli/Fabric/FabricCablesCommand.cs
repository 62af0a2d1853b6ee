using System.CommandLine;
using System.Globalization;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric cables DESIGN [--output FILE] [--bundles] [--json]</c>: every cable with both ends, and what lies in the trays.</summary>
static class FabricCablesCommand
{
    const int FullestShown = 5;

    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var file = new Option<string?>("--output") { Description = "write the cables, one to a line, to a .csv file; '-' is the standard output", HelpName = "file" };
        var bundles = new Option<bool>("--bundles") { Description = "a line for the cables between two racks instead of each by itself" };
        var command = new Command("cables", "Every cable: both ends, medium, length, label and trays.") { design, file, bundles, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var input = FabricInput.Load(parsed.GetValue(design)!);
            var plan = input.Build.CablesOf(input.Graph);
            if (parsed.GetValue(file) is { } path)
            {
                // Cables go out as they come: all of them at once would not fit a small machine.
                if (path == "-") OutputFile.WriteConsole(writer => Write(writer, plan, parsed.GetValue(bundles)));
                else OutputFile.Write(path, writer => Write(writer, plan, parsed.GetValue(bundles)));
                if (path != "-" && !parsed.GetValue(json)) output.WriteLine($"{plan.Count:N0} cables in '{path}'");
            }
            if (parsed.GetValue(json)) output.WriteLine(Json(input, plan));
            else if (parsed.GetValue(file) is null) Report(new(output), input, plan);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter writer, CablePlan plan, bool bundles)
    {
        if (!bundles)
        {
            CableTable.Write(writer, plan.Cables());
            return;
        }
        writer.Write("from_rack,to_rack,class,medium,length_m,row_tray,cross_tray,cables\n");
        foreach (var b in TrayLoads.Bundles(plan))
            writer.Write(string.Create(CultureInfo.InvariantCulture,
                $"{b.FromRack},{b.ToRack},{b.Class},{b.Medium},{b.Meters:0.###},{b.RowTray},{b.CrossTray},{b.Cables}\n"));
    }

    static void Report(TextReport report, FabricInput input, CablePlan plan)
    {
        report.Title($"{input.Build.Document.Design.Name}: {plan.Count:N0} cables");
        report.Table(["links", "medium", ">length", ">longest run", ">cables", "closes"], input.Build.Links.SelectMany(summary =>
            summary.Groups.Zip(input.Build.Floor.Cables.First(c => c.Link.Name == summary.Class.Name).Buckets, (g, b) => new[]
            {
                summary.Class.Name, g.Link.Name, g.Link.PurchasableLength.ToString(), b.LongestRun.ToString(), $"{g.Count:N0}", g.Link.Closes ? "yes" : "no",
            })));
        report.Heading("First and last");
        report.Table(["label", "from", "unit", "port", "to", "unit", "port", ">run"], new[] { 0, input.Graph.Links / 2, input.Graph.Links - 1 }.Distinct().SelectMany(plan.Of).Select(c => new[]
        {
            c.Label, $"{c.A.Rack} {c.A.Device}", $"U{c.A.Unit}", c.A.Port, $"{c.B.Rack} {c.B.Device}", $"U{c.B.Unit}", c.B.Port, c.Run.ToString(),
        }));
        var loads = TrayLoads.Of(plan);
        var fullest = loads.Fullest(FullestShown);
        if (fullest.Count > 0)
        {
            report.Heading("Fullest trays");
            report.Table(["", ">cables"], fullest.Select(p => new[] { p.Tray, $"{p.Cables:N0}" }));
        }
        report.Say("All cables go to a file with --output cables.csv, the same by racks with --bundles.");
    }

    static string Json(FabricInput input, CablePlan plan) => EvaluationJson.Text(json =>
    {
        var loads = TrayLoads.Of(plan);
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteNumber("cables", plan.Count);
        json.WriteStartArray("lengths");
        foreach (var summary in input.Build.Links)
        {
            foreach (var group in summary.Groups)
            {
                json.WriteStartObject();
                json.WriteString("class", summary.Class.Name);
                json.WriteString("medium", group.Link.Name);
                json.WriteNumber("length_m", group.Link.PurchasableLength.Meters);
                json.WriteNumber("count", group.Count);
                json.WriteBoolean("closes", group.Link.Closes);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteNumber("mostInOneTray", loads.Most);
        json.WriteStartArray("fullestTrays");
        foreach (var piece in loads.Fullest(FullestShown))
        {
            json.WriteStartObject();
            json.WriteString("tray", piece.Tray);
            json.WriteNumber("cables", piece.Cables);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}

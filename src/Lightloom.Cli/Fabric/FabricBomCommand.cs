using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric bom DESIGN [--output FILE] [--json]</c>: what is bought, with spares, prices and vendors.</summary>
static class FabricBomCommand
{
    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var file = new Option<string?>("--output") { Description = "write the lines to a .csv file", HelpName = "file" };
        var command = new Command("bom", "The bill of materials: counts, spares, prices, vendors.") { design, file, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var build = FabricInput.Load(parsed.GetValue(design)!).Build;
            var bill = BillOfMaterials.Of(build, PartCatalog.Default);
            if (parsed.GetValue(file) is { } path) OutputFile.Write(path, writer => Csv(writer, bill));
            if (parsed.GetValue(json)) output.WriteLine(Json(build, bill));
            else if (parsed.GetValue(file) is null) Report(new(output), build, bill);
            else output.WriteLine($"{bill.Lines.Count} lines in '{parsed.GetValue(file)}'");
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Report(TextReport report, ClusterBuild build, BillOfMaterials bill)
    {
        report.Title($"{build.Document.Design.Name}: bill of materials");
        foreach (var category in bill.Lines.GroupBy(l => l.Category))
        {
            report.Heading($"{category.Key}, {Dollars(bill.TotalOf(category.Key))}");
            report.Table(["part", "where", ">count", ">spares", ">each USD", ">USD", ">vendors"], category.Select(l => new[]
            {
                l.Name, l.Use, $"{l.Count:N0}", $"{l.Spares:N0}",
                l.IncludedInHost ? "in the switch" : l.Each is { } each ? EvaluationReport.Number(each.Value.Dollars, 4) : "?",
                l.IncludedInHost || l.Each is null ? "" : $"{l.Total.Value.Dollars:N0}",
                $"{l.Supply.Vendors.Value}{(l.Supply.Vendors.High > l.Supply.Vendors.Low ? $" ({l.Supply.Vendors.Low}-{l.Supply.Vendors.High})" : "")}",
            }));
        }
        report.Heading("In all");
        report.Say($"{Dollars(bill.Total)}, spares included. Spares last {build.Site.ReplacementLead.Value} with a chance of " +
            $"{100 * BillOfMaterials.SpareConfidence:0} %; fibre has one in a hundred.");
        var single = bill.Lines.Where(l => l.Category != MaterialCategory.Systems && l.Supply.Vendors.Value == 1).Select(l => l.Name).Distinct().ToList();
        if (single.Count > 0) report.Say($"- one vendor alone: {string.Join("; ", single)}", 2);
        var unpriced = bill.Lines.Where(l => l.Each is null && !l.IncludedInHost).Select(l => l.Name).Distinct().ToList();
        if (unpriced.Count > 0) report.Say($"- without a price in the catalogue, and not in the sum: {string.Join("; ", unpriced)}", 2);
    }

    static string Dollars(CostRange range) =>
        $"{EvaluationReport.Number(range.Value.Dollars / 1e6, 3)} MUSD ({EvaluationReport.Number(range.Low.Dollars / 1e6, 3)} to {EvaluationReport.Number(range.High.Dollars / 1e6, 3)})";

    static void Csv(TextWriter writer, BillOfMaterials bill)
    {
        writer.Write("category,key,name,use,length_m,count,spares,each_USD,each_low_USD,each_high_USD,total_USD,vendors,grade\n");
        foreach (var l in bill.Lines)
        {
            var each = l.IncludedInHost ? null : l.Each;
            writer.Write(string.Create(CultureInfo.InvariantCulture,
                $"{l.Category.ToString().ToLowerInvariant()},{l.Key},\"{l.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",\"{l.Use}\",{l.Length?.Meters},{l.Count},{l.Spares},") +
                string.Create(CultureInfo.InvariantCulture,
                    $"{each?.Value.Dollars:0.##},{each?.Low.Dollars:0.##},{each?.High.Dollars:0.##},{l.Total.Value.Dollars:0.##},{l.Supply.Vendors.Value},{each?.Weakest.ToString().ToLowerInvariant()}\n"));
        }
    }

    static string Json(ClusterBuild build, BillOfMaterials bill) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", build.Document.Design.Name);
        Range("total_USD", bill.Total);
        json.WriteStartArray("lines");
        foreach (var l in bill.Lines)
        {
            json.WriteStartObject();
            json.WriteString("category", l.Category.ToString().ToLowerInvariant());
            json.WriteString("key", l.Key);
            json.WriteString("name", l.Name);
            if (l.Use.Length > 0) json.WriteString("use", l.Use);
            if (l.Length is { } length) json.WriteNumber("length_m", length.Meters);
            json.WriteNumber("count", l.Count);
            json.WriteNumber("spares", l.Spares);
            json.WriteBoolean("includedInHost", l.IncludedInHost);
            if (l.Each is { } each && !l.IncludedInHost) Range("each_USD", each);
            json.WriteStartObject("vendors");
            json.WriteNumber("value", l.Supply.Vendors.Value);
            json.WriteNumber("low", l.Supply.Vendors.Low);
            json.WriteNumber("high", l.Supply.Vendors.High);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        void Range(string name, CostRange range)
        {
            json.WriteStartObject(name);
            json.WriteNumber("value", range.Value.Dollars);
            json.WriteNumber("low", range.Low.Dollars);
            json.WriteNumber("high", range.High.Dollars);
            json.WriteEndObject();
        }
    });
}

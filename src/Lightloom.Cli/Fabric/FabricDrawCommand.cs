using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric draw DESIGN --view topology|rack|row|floor ... --output FILE.svg|.png</c>: pictures of a fabric.</summary>
static class FabricDrawCommand
{
    sealed record Wanted(string View, int? Pod, int? Plane, int? Rail, string? Device, string? Rack, int? Row, FloorColors? Color, string File);

    public static Command Make()
    {
        var (design, json) = (FabricCommand.Design(), FabricCommand.Json());
        var view = new Option<string?>("--view") { Description = "what to draw; without it the topology, or what --rack or --row names", HelpName = "topology|rack|row|floor" };
        view.AcceptOnlyFromAmong("topology", "rack", "row", "floor");
        var pod = new Option<int?>("--pod") { Description = "topology: one pod, or one group of what is no Clos, from 1", HelpName = "number" };
        var plane = new Option<int?>("--plane") { Description = "topology: one plane, from 1", HelpName = "number" };
        var rail = new Option<int?>("--rail") { Description = "topology: one rail, from 1", HelpName = "number" };
        var device = new Option<string?>("--device") { Description = "topology: one device with its neighbours and ports", HelpName = "name" };
        var rack = new Option<string?>("--rack") { Description = "rack: which, such as R03-07", HelpName = "name" };
        var row = new Option<int?>("--row") { Description = "row: which, from 1", HelpName = "number" };
        var color = new Option<string?>("--color") { Description = "floor: what racks are coloured by", HelpName = "kind|power" };
        color.AcceptOnlyFromAmong("kind", "power");
        var file = new Option<string>("--output") { Description = "the picture to write", HelpName = "file.svg|file.png", Required = true };
        var command = new Command("draw", "A picture: the topology, a device, a rack, a row, or the floor with its trays.")
        {
            design, view, pod, plane, rail, device, rack, row, color, file, json,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var wanted = new Wanted(
                parsed.GetValue(view) ?? (parsed.GetValue(rack) is not null ? "rack" : parsed.GetValue(row) is not null ? "row" : parsed.GetValue(color) is not null ? "floor" : "topology"),
                parsed.GetValue(pod), parsed.GetValue(plane), parsed.GetValue(rail), parsed.GetValue(device), parsed.GetValue(rack), parsed.GetValue(row),
                parsed.GetValue(color) switch { "power" => FloorColors.Power, "kind" => FloorColors.Kind, _ => null }, parsed.GetValue(file)!);
            Check(wanted);
            var input = FabricInput.Load(parsed.GetValue(design)!);
            var drawing = Draw(input, wanted);
            if (IsSvg(wanted.File)) OutputFile.Write(wanted.File, writer => SvgWriter.Write(writer, drawing));
            else OutputFile.Write(wanted.File, DrawingPng.Of(drawing));
            if (parsed.GetValue(json)) output.WriteLine(Json(input, drawing, wanted));
            else output.WriteLine($"{drawing.Title}: '{wanted.File}'");
            return CommandRunner.Success;
        }));
        return command;
    }

    static bool IsSvg(string file) => file.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);

    static void Check(Wanted wanted)
    {
        Only("--pod", wanted.Pod is not null, "topology");
        Only("--plane", wanted.Plane is not null, "topology");
        Only("--rail", wanted.Rail is not null, "topology");
        Only("--device", wanted.Device is not null, "topology");
        Only("--rack", wanted.Rack is not null, "rack");
        Only("--row", wanted.Row is not null, "row");
        Only("--color", wanted.Color is not null, "floor");
        if (wanted.Device is not null && (wanted.Pod ?? wanted.Plane ?? wanted.Rail) is not null)
            throw new InputException("--device shows one device with all its neighbours; leave --pod, --plane and --rail out");
        if (wanted is { View: "rack", Rack: null }) throw new InputException("--view rack needs --rack with the name of a rack, such as --rack R01-01");
        if (wanted is { View: "row", Row: null }) throw new InputException("--view row needs --row with the number of a row, such as --row 1");
        if (!IsSvg(wanted.File) && !wanted.File.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--output writes .svg or .png, and '{wanted.File}' is neither");
        if (Directory.Exists(wanted.File)) throw new InputException($"--output: '{wanted.File}' is a folder; expected the name of a file");
        var folder = Path.GetDirectoryName(Path.GetFullPath(wanted.File));
        if (!Directory.Exists(folder)) throw new InputException($"--output: there is no folder '{folder}'");

        void Only(string option, bool given, string view)
        {
            if (given && wanted.View != view) throw new InputException($"{option} belongs to --view {view}, and --view is {wanted.View}");
        }
    }

    static Drawing Draw(FabricInput input, Wanted wanted)
    {
        var (build, name) = (input.Build, input.Build.Document.Design.Name);
        try
        {
            return wanted switch
            {
                { View: "rack" } => RackDrawing.OfRack(Elevations.Of(input.Graph, build.Floor), wanted.Rack!, name),
                { View: "row" } => RackDrawing.OfRow(Elevations.Of(input.Graph, build.Floor), wanted.Row!.Value - 1, name),
                { View: "floor" } => FloorDrawing.Of(build.CablesOf(input.Graph), name, wanted.Color ?? FloorColors.Kind),
                { Device: { } device } => DeviceDrawing.Of(input.Graph, device, name),
                _ => TopologyDrawing.Of(input.Graph, new() { Group = wanted.Pod - 1, Plane = wanted.Plane - 1, Rail = wanted.Rail - 1 }, name),
            };
        }
        catch (FabricException e) when (e.Field is "pod" or "plane" or "rail" or "device" or "rack" or "row")
        {
            throw new InputException($"--{e.Field}: {e.Message}");
        }
    }

    static string Json(FabricInput input, Drawing drawing, Wanted wanted) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", input.Build.Document.Design.Name);
        json.WriteString("view", wanted.View);
        json.WriteString("file", wanted.File);
        json.WriteString("title", drawing.Title);
        json.WriteString("description", drawing.Description);
        json.WriteNumber("width_px", Math.Round(drawing.Width, 2));
        json.WriteNumber("height_px", Math.Round(drawing.Height, 2));
        json.WriteEndObject();
    });
}

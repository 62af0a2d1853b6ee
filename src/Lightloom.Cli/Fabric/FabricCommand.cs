using System.CommandLine;

namespace Lightloom.Cli;

/// <summary><c>lightloom fabric build|...</c>: a design's fabric by itself, down to each cable.</summary>
static class FabricCommand
{
    public static Command Make() => new("fabric", "A design's fabric by itself: devices, cables, routes, exports, and what was built of it.")
    {
        FabricBuildCommand.Make(),
        FabricBomCommand.Make(),
        FabricCablesCommand.Make(),
        FabricRouteCommand.Make(),
        FabricAnalyzeCommand.Make(),
        FabricFailCommand.Make(),
        FabricExportCommand.Make(),
        FabricVerifyCommand.Make(),
        FabricDrawCommand.Make(),
    };

    /// <summary>The design that every one of these commands takes.</summary>
    public static Argument<string> Design() => new("design") { Description = "the design document (YAML)" };

    /// <summary>The option that every one of these commands has.</summary>
    public static Option<bool> Json() => new("--json") { Description = "print JSON, with units in the fields' names" };
}

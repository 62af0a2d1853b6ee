using System.CommandLine;

namespace Lightloom.Cli;

/// <summary><c>lightloom train ...</c>.</summary>
static class TrainCommand
{
    public static Command Make() => new("train", "Training by itself.")
    {
        TrainModelCommand.Make(),
    };
}

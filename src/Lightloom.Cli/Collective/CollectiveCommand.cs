using System.CommandLine;

namespace Lightloom.Cli;

/// <summary><c>lightloom collective ...</c>.</summary>
static class CollectiveCommand
{
    public static Command Make() => new("collective", "Collective communication by itself.")
    {
        CollectiveBalanceCommand.Make(),
        CollectiveChooseCommand.Make(),
        CollectivePredictCommand.Make(),
        CollectiveFitCommand.Make(),
        CollectiveBoundCommand.Make(),
        CollectiveExpertsCommand.Make(),
        CollectiveCompareCommand.Make(),
    };
}

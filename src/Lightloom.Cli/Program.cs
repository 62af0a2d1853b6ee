using System.CommandLine;
using Lightloom.Cli;

var root = new RootCommand("Plans, simulates and compares AI training clusters, from the photon to tokens per dollar.")
{
    EvaluateCommand.Make(),
    CompareCommand.Make(),
    ExplainCommand.Make(),
    CostCommand.Make(),
    ReliabilityCommand.Make(),
    ServeCommand.Make(),
    LintCommand.Make(),
    SitesCommand.Make(),
    ClaimsCommand.Make(),
    AdviseCommand.Make(),
    TrainCommand.Make(),
    LinkCommand.Make(),
    FabricCommand.Make(),
    CollectiveCommand.Make(),
    SimulateCommand.Make(),
    ValidateCommand.Make(),
    CatalogCommand.Make(),
    SchemaCommand.Make(),
};
return CommandRunner.Run(root, args);

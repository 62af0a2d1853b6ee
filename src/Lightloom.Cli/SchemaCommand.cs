using System.CommandLine;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom schema</c>: the JSON Schema of design documents, as an editor wants it.</summary>
static class SchemaCommand
{
    public static Command Make()
    {
        var command = new Command("schema", "Print the JSON Schema of design documents.");
        command.SetAction(_ => CommandRunner.Guard(output =>
        {
            output.WriteLine(DesignSchema.Write());
            return CommandRunner.Success;
        }));
        return command;
    }
}

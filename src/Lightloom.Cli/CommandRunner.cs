using System.CommandLine;
using Lightloom.Catalog.Documents;

namespace Lightloom.Cli;

/// <summary>Runs commands so that every wrong input ends alike: one clear message, exit code 2, nothing half-written.</summary>
static class CommandRunner
{
    public const int Success = 0;
    public const int Infeasible = 1;
    public const int WrongInput = 2;

    public static int Run(RootCommand root, string[] args)
    {
        ParseResult parsed;
        try
        {
            parsed = root.Parse(SimulateCommand.WithWord(args));
        }
        catch (InputException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return WrongInput;
        }
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Console.Error.WriteLine($"error: {error.Message}");
            Console.Error.WriteLine($"see '{Name(parsed)} --help'");
            return WrongInput;
        }
        return parsed.Invoke(new() { EnableDefaultExceptionHandler = false });
    }

    /// <summary>Runs the body of a command; output goes out only when all of it is there.</summary>
    public static int Guard(Func<TextWriter, int> body)
    {
        using var output = new StringWriter { NewLine = "\n" };
        try
        {
            var code = body(output);
            Console.Out.Write(output.ToString());
            Console.Out.Flush();
            return code;
        }
        catch (InputException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return WrongInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader of a pipe went away, or a file could not be written.
            Console.Error.WriteLine($"error: {e.Message}");
            return WrongInput;
        }
    }

    /// <summary>Runs with Ctrl-C as the wish to see what there is so far.</summary>
    public static T Interruptible<T>(Func<CancellationToken, T> run)
    {
        using var stop = new CancellationTokenSource();
        void Stop(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true;
            stop.Cancel();
        }
        Console.CancelKeyPress += Stop;
        try
        {
            return run(stop.Token);
        }
        finally
        {
            Console.CancelKeyPress -= Stop;
        }
    }

    static string Name(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return command is RootCommand ? "lightloom" : $"lightloom {command.Name}";
    }
}

using System.Globalization;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary>A line on the error output that says how far packets are: on a terminal always the same one, else one after the other.</summary>
sealed class ProgressLine
{
    int shown;

    public void Tell(PacketProgress progress)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{progress.Time.ToDuration()}: {progress.Events / 1e6:N1} M events, {progress.EventsPerSecond / 1e6:N1} M/s, {progress.Flows:N0} flows have not ended");
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(text);
            return;
        }
        Console.Error.Write($"{text.PadRight(shown)}\r");
        shown = text.Length;
    }

    /// <summary>Nothing is left of it.</summary>
    public void Clear()
    {
        if (shown > 0) Console.Error.Write($"{new string(' ', shown)}\r");
        shown = 0;
    }
}

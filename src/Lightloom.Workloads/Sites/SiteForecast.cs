using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Memory that a method needs beside what training in one site needs.</summary>
/// <param name="What">What it is for.</param>
/// <param name="Size">All of one site.</param>
/// <param name="Offloadable">Whether it may stand in the hosts' memory, because it is used once an exchange.</param>
public sealed record ExtraMemory(string What, DataSize Size, bool Offloadable);

/// <summary>What a method makes of training over several sites.</summary>
public sealed record SiteForecast
{
    /// <summary>Mean time of a step.</summary>
    public required Duration Step { get; init; }

    /// <summary>Time of a step of the same accelerators if sites cost nothing.</summary>
    public required Duration Free { get; init; }

    /// <summary>Data that each site sends in a step, on the mean.</summary>
    public required DataSize Sent { get; init; }

    /// <summary>Data of one burst: an exchange, or a microbatch's activations.</summary>
    public required DataSize Burst { get; init; }

    /// <summary>What was found on the way: the microbatches kept in flight, or the split; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Time of a step that sites cost.</summary>
    public Duration Exposed => Step - Free;

    /// <summary>Compute utilisation: the time of a step if sites cost nothing over its time.</summary>
    public double Utilisation => Free / Step;

    /// <summary>What the line carries on the mean if nothing waits.</summary>
    public Bandwidth Mean => Sent / Free;
}

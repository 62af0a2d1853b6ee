namespace Lightloom.Collectives;

/// <summary>How the messages of a collective are handed over.</summary>
public enum CollectiveProtocol
{
    /// <summary>Pieces in buffers, announced by a counter: full bandwidth at the price of a fence and a longer hop (NCCL's Simple).</summary>
    Bulk,

    /// <summary>Every word brings its own flag: no fence, a short hop, a fraction of the bandwidth (NCCL's LL and LL128).</summary>
    LowLatency,
}

/// <summary>Names of protocols.</summary>
public static class CollectiveProtocols
{
    /// <summary>Its name in print, NCCL's.</summary>
    public static string Name(this CollectiveProtocol protocol) => protocol == CollectiveProtocol.Bulk ? "Simple" : "LL";
}

namespace Lightloom.Collectives;

/// <summary>What switches are allowed to do to data in a bound. An algorithm that counts on them may beat the bound of those that only forward.</summary>
public enum SwitchReduction
{
    /// <summary>Switches forward, and neither reduce nor copy.</summary>
    None,

    /// <summary>The switches of those levels that can reduce and copy do so.</summary>
    AsEquipped,

    /// <summary>Switches of every level reduce and copy, whether or not those that stand there can.</summary>
    Everywhere,
}

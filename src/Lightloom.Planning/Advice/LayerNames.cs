namespace Lightloom.Planning.Advice;

/// <summary>What layers are called in sentences.</summary>
public static class LayerNames
{
    /// <summary>"the light", "the loom", "compute", "memory".</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="capital">Whether a sentence begins with it.</param>
    public static string Of(Layer layer, bool capital = false)
    {
        var name = layer switch
        {
            Layer.Light => "the light",
            Layer.Loom => "the loom",
            Layer.Compute => "compute",
            _ => "memory",
        };
        return capital ? char.ToUpperInvariant(name[0]) + name[1..] : name;
    }
}

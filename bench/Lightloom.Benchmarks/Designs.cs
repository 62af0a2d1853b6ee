namespace Lightloom.Benchmarks;

/// <summary>Designs that are measured, by their files.</summary>
static class Designs
{
    /// <summary>24,576 H100 on a RoCE fabric of three tiers.</summary>
    public static string TwentyFourThousand => Find("examples/llama3-24k-roce.yaml");

    /// <summary>1,048,576 H100 on a RoCE fabric of three tiers.</summary>
    public static string OneMillion => Find("bench/designs/one-million.yaml");

    static string Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, path))) return Path.Combine(folder.FullName, path);
        throw new FileNotFoundException($"there is no {path} above {AppContext.BaseDirectory}");
    }
}

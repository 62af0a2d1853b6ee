using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

/// <summary>What holds for every part that ships.</summary>
public class PartsTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    public static TheoryData<string> AllKinds => [.. PartCatalog.Kinds.Select(k => k.Kind)];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Every_part_of_a_kind_binds(string kind)
    {
        var problems = new List<string>();
        foreach (var (key, make) in PartsOf(kind))
            try
            {
                Assert.Equal(key, make().Key);
            }
            catch (InputException e)
            {
                problems.Add($"{key}: {e.Message}");
            }
        Assert.Empty(problems);
        Assert.NotEmpty(PartsOf(kind));
    }

    static List<(string Key, Func<Part> Make)> PartsOf(string kind)
    {
        var type = PartCatalog.Kinds.Single(k => k.Kind == kind).Type;
        return [.. Catalog.Keys(type).Select(k => (k, (Func<Part>)(() => Catalog.Get(type, k, null))))];
    }
}

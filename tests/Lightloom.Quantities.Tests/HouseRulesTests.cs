using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lightloom.Quantities.Tests;

/// <summary>What every public quantity owes its users.</summary>
public class HouseRulesTests
{
    public static TheoryData<string> Names => AllQuantities.Names;

    [Fact]
    public void Every_public_value_type_is_a_quantity_or_the_clock()
    {
        var others = typeof(Quantity).Assembly.GetExportedTypes()
            .Where(t => t.IsValueType && !t.IsEnum && !QuantityKinds.All.Contains(t))
            .Select(t => t.Name);
        Assert.Equal(["SimTime"], others);
    }

    [Fact]
    public void There_are_as_many_quantities_as_the_field_needs() => Assert.Equal(21, QuantityKinds.All.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_quantity_is_a_read_only_record_that_prints_reads_and_becomes_JSON(string name)
    {
        var type = AllQuantities.Type(name);
        Assert.Contains(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IQuantity<>));
        Assert.True(type.GetCustomAttributesData().Any(a => a.AttributeType.Name == "IsReadOnlyAttribute"), "not readonly");
        Assert.True(type.GetMethods().Any(m => m.Name == "op_Equality"), "not a record");
        Assert.Equal(type, type.GetMethod("ToString", [])!.DeclaringType);
        Assert.Equal(typeof(QuantityJsonConverter<>).MakeGenericType(type),
            type.GetCustomAttribute<JsonConverterAttribute>()!.ConverterType);
        Assert.Contains(typeof(IParsable<>).MakeGenericType(type), type.GetInterfaces());
        Assert.Contains(typeof(IComparable<>).MakeGenericType(type), type.GetInterfaces());
        Assert.Equal(8, System.Runtime.InteropServices.Marshal.SizeOf(type));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Default_and_one_and_a_half_survive_text_and_JSON(string name) =>
        AllQuantities.Check(name, typeof(HouseRulesTests), nameof(SurvivesTextAndJson));

    [Theory]
    [MemberData(nameof(Names))]
    public void Units_are_in_order_unambiguous_and_one_of_them_is_the_SI_unit(string name) =>
        AllQuantities.Check(name, typeof(HouseRulesTests), nameof(HasSoundUnits));

    [Theory]
    [MemberData(nameof(Names))]
    public void Comparison_follows_the_value(string name) => AllQuantities.Check(name, typeof(HouseRulesTests), nameof(Compares));

    [Fact]
    public void Two_power_levels_have_no_sum_and_everything_else_adds() =>
        Assert.Equal(["DecibelMilliwatts"], QuantityKinds.All.Where(t => !t.GetInterfaces().Any(i =>
            i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAdditiveQuantity<>))).Select(t => t.Name));

    static void SurvivesTextAndJson<T>()
        where T : struct, IQuantity<T>
    {
        foreach (var value in new[] { default, T.FromSi(1.5) })
        {
            Assert.Equal(value, Quantity.Parse<T>(Quantity.Format(value, "R")));
            Assert.Equal(value, Quantity.Parse<T>(value.ToString()!));
            Assert.Equal(value, JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value)));
        }
        Assert.Equal(0, default(T).Si);
    }

    static void HasSoundUnits<T>()
        where T : struct, IQuantity<T>
    {
        Assert.Single(T.Units, u => u is { Multiplier: 1, Divisor: 1 });
        Assert.All(T.Units, u => Assert.True(u.Multiplier == 1 || u.Divisor == 1));
        var spellings = T.Units.SelectMany(u => u.Aliases.Append(u.Symbol)).ToList();
        Assert.Equal(spellings.Count, spellings.Distinct().Count());
        var sizes = T.Units.Where(u => u.Prints).Select(u => u.ToSi(1)).ToList();
        Assert.NotEmpty(sizes);
        Assert.Equal(sizes.Order(), sizes);
    }

    static void Compares<T>()
        where T : struct, IQuantity<T>
    {
        var (small, large) = (T.FromSi(1), T.FromSi(2));
        Assert.True(small < large && large > small && small <= large && large >= small && !(large < small));
        Assert.Equal(-1, small.CompareTo(large));
        T[] list = [large, small];
        Array.Sort(list);
        Assert.Equal([small, large], list);
    }
}

using System.Reflection;

namespace Lightloom.Quantities.Tests;

/// <summary>Runs a generic check on every public quantity.</summary>
static class AllQuantities
{
    public static TheoryData<string> Names => [.. QuantityKinds.All.Select(t => t.Name)];

    public static Type Type(string name) => QuantityKinds.All.Single(t => t.Name == name);

    public static void Check(string name, Type checks, string method) =>
        checks.GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(Type(name))
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
}

using Lightloom.Simulation.Packets.Balancing;

namespace Lightloom.Simulation.Tests;

public class EntropyTests
{
    // Once around, every entropy but the one that was marked; and everyone again, for its one point is gone.
    [Fact]
    public void A_marked_entropy_is_passed_over_once()
    {
        var (bitmap, random) = (default(BitmapEntropies), 12345u);
        bitmap.Start(8, ref random);
        var all = Enumerable.Range(0, 8).Select(_ => bitmap.Next(ref random) & 7).ToList();
        Assert.Equal(Enumerable.Range(0, 8), all.Order());
        bitmap.Learn(3, PathFeedback.Marked, 0, ref random);
        var round = Enumerable.Range(0, 7).Select(_ => bitmap.Next(ref random) & 7).ToList();
        Assert.Equal([0, 1, 2, 4, 5, 6, 7], round.Order());
        Assert.Equal(Enumerable.Range(0, 8), Enumerable.Range(0, 8).Select(_ => bitmap.Next(ref random) & 7).Order());
    }

    // Where all are bad, each packet takes one all the same, and all get better by and by.
    [Fact]
    public void Bad_entropies_are_taken_where_there_is_no_other()
    {
        var (bitmap, random) = (default(BitmapEntropies), 99u);
        bitmap.Start(4, ref random);
        for (ushort e = 0; e < 4; e++) bitmap.Learn(e, PathFeedback.Trimmed, 0, ref random);
        for (var i = 0; i < 100; i++) Assert.InRange(bitmap.Next(ref random) & 3, 0, 3);
        Assert.Equal(Enumerable.Range(0, 4), Enumerable.Range(0, 8).Select(_ => bitmap.Next(ref random) & 3).Distinct().Order());
    }
}

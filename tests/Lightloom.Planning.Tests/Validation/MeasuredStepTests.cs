using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>What a row of a table of training steps says, and what follows from it where it leaves something out.</summary>
public sealed class MeasuredStepTests
{
    static MeasuredStep Step(string gpus, string batch, string sequence, string value, string unit, string notes)
    {
        const string header = "id,model,arch,seq,gpus,gpu_type,tp,pp,dp,ep,cp,microbatch,vp_interleave,globalbatch,precision,recompute,metric,value,unit,source,notes\n";
        var text = $"{header}r1,Llama-3.1-8B,dense,{sequence},{gpus},TPU v6e,,,,,,,,{batch},bf16,,step_time,{value},{unit},tpu-recipes,{notes}\n";
        return MeasuredStep.Of(CsvTable.Read(text, "made.csv").Rows[0], PartCatalog.Default);
    }

    // 3.393 s at 7243.378 tokens a second on each of 16 chips: 393,240 tokens, 48 sequences of 8192.
    [Fact]
    public void Time_and_throughput_of_a_step_tell_its_batch()
    {
        var step = Step("16", "", "8192", "3.393", "s", "7243.378 tok/s/chip");
        Assert.Equal(48, step.Job.GlobalBatch);
        Assert.Contains("globalbatch", step.Open);
    }

    [Theory]
    [InlineData("64", "3.393", "s", "7243.378 tok/s/chip", 64)] // the row says it
    [InlineData("", "3.393", "s", "", 16)]
    [InlineData("", "7243", "tok/s/GPU", "7243 tok/s/chip", 16)]
    [InlineData("", "3.393", "s", "1.2.3 tok/s/chip", 16)]
    public void A_batch_is_as_the_row_has_it_or_what_is_usual(string batch, string value, string unit, string notes, int expected) =>
        Assert.Equal(expected, Step("16", batch, "8192", value, unit, notes).Job.GlobalBatch);

    [Theory]
    [InlineData("256", "64", 4)]
    [InlineData("256", "256", 1)]
    [InlineData("256", "96", 1)]
    public void Fewer_sequences_than_chips_of_a_torus_are_split(string gpus, string batch, int context) =>
        Assert.Equal(context, Step(gpus, batch, "131072", "34", "s", "").Job.Parallelism.Context);
}

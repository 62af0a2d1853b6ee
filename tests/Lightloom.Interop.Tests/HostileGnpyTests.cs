using Lightloom.Catalog.Documents;
using Lightloom.Interop.Gnpy;

namespace Lightloom.Interop.Tests;

/// <summary>Files that are wrong, or ask for what is not modelled: one line that says what, and where.</summary>
public class HostileGnpyTests
{
    static InputException Refused(Action read)
    {
        var e = Assert.Throws<InputException>(read);
        Assert.DoesNotContain('\n', e.Message);
        return e;
    }

    [Theory]
    // values
    [InlineData("\"length\": 80", "\"length\": -80", "'length'", "found -80")]
    [InlineData("\"length\": 80", "\"length\": 0", "longer than 0", "element 'span'")]
    [InlineData("\"length\": 80", "\"length\": \"80\"", "expected a number", "the text '80'")]
    [InlineData("\"length\": 80", "\"length\": 1e999", "expected a number", "found '1e999'")]
    [InlineData("\"length\": 80", "\"length\": 1e7", "'length'", "from 0 to")]
    [InlineData("\"length\": 80,", "", "'length' is missing", "element 'span'")]
    [InlineData("\"length_units\": \"km\"", "\"length_units\": \"mi\"", "in km or m", "'mi'")]
    [InlineData("\"loss_coef\": 0.2", "\"loss_coef\": -0.2", "'loss_coef'", "found -0.2")]
    [InlineData("\"loss_coef\": 0.2", "\"loss_coef\": 0", "'loss_coef'", "found 0")]
    [InlineData("\"loss_coef\": 0.2", "\"loss_coef\": { \"value\": [0.2], \"frequency\": [1e14, 2e14] }", "as many numbers", "loss_coef")]
    [InlineData("\"loss_coef\": 0.2", "\"loss_coef\": { \"value\": [0.2, 0.2], \"frequency\": [192e12, 193e12] }", "loss is given from", "'span'")]
    [InlineData("\"loss_coef\": 0.2", "\"loss_coeff\": 0.2", "unknown key 'loss_coeff'", "did you mean 'loss_coef'")]
    [InlineData("\"att_in\": 0", "\"att_in\": [0]", "'att_in'", "a list")]
    [InlineData("\"att_in\": 0", "\"lumped_losses\": [ { \"position\": 90, \"loss\": 1 } ]", "inside the span", "'span'")]
    [InlineData("\"att_in\": 0", "\"dispersion\": 0", "four-wave mixing", "'span'")]
    [InlineData("\"att_in\": 0", "\"gamma\": 0.002", "give one", "effective area")]
    [InlineData("\"gain_target\": 15", "\"gain_target\": 1500", "'gain_target'", "found 1500")]
    [InlineData("\"tilt_target\": 0", "\"tilt_target\": -1.5", "gain tilt", "not modelled")]
    [InlineData("\"gain_target\": 15", "\"gain_target\": null", "design step", "element 'amplifier'")]
    [InlineData("\"type_variety\": \"low\",", "", "design step", "element 'amplifier'")]
    [InlineData("\"type_variety\": \"low\"", "\"type_variety\": \"two-stage\"", "'dual_stage', which is not modelled", "element 'amplifier'")]
    [InlineData("\"type_variety\": \"low\"", "\"type_variety\": \"lowe\"", "no amplifier 'lowe'", "did you mean 'low'")]
    [InlineData("\"type_variety\": \"SSMF\"", "\"type_variety\": \"SMF\"", "no fibre 'SMF'", "did you mean 'SSMF'")]
    // kinds
    [InlineData("\"type\": \"Fiber\"", "\"type\": \"RamanFiber\"", "Raman", "element 'span'")]
    [InlineData("\"type\": \"Edfa\"", "\"type\": \"Multiband_amplifier\"", "several bands", "element 'amplifier'")]
    [InlineData("\"type\": \"Edfa\"", "\"type\": \"Edfaa\"", "unknown type 'Edfaa'", "did you mean 'Edfa'")]
    [InlineData("\"type\": \"Edfa\"", "\"type\": 7", "expected a text for 'type'", "element 'amplifier'")]
    // graph
    [InlineData("\"uid\": \"B\"", "\"uid\": \"A\"", "a second time", "element 'A'")]
    [InlineData("\"uid\": \"B\"", "\"uid\": \"\"", "'uid' is missing", "elements")]
    [InlineData("\"to_node\": \"B\"", "\"to_node\": \"spam\"", "no element 'spam'", "did you mean 'span'")]
    [InlineData("{ \"from_node\": \"amplifier\", \"to_node\": \"B\" }", "{ \"from_node\": \"amplifier\", \"to_node\": \"span\" }", "no transceiver can be reached", "element 'A'")]
    [InlineData("{ \"from_node\": \"A\", \"to_node\": \"span\" },", "", "no transceiver that is connected", "net.json")]
    [InlineData("{ \"from_node\": \"A\", \"to_node\": \"span\" }", "{ \"from_node\": \"A\", \"to_node\": \"B\" }", "nothing lies between", "element 'B'")]
    [InlineData("\"elements\"", "\"element\"", "unknown key 'element'", "elements")]
    [InlineData("\"network_name\"", "\"gnpy-network-topology:topology\"", "YANG", "net.json:2")]
    public void A_wrong_network_is_refused(string old, string replacement, string problem, string also)
    {
        var e = Refused(() => GnpyFiles.OneSpan(old, replacement).Line());
        Assert.Contains(problem, e.Message);
        Assert.Contains(also, e.Message);
        Assert.NotNull(e.Mark);
        Assert.StartsWith("net.json:", e.Message);
    }

    [Theory]
    [InlineData("\"gain_flatmax\": 16", "\"gain_flatmax\": 7", "gain from 8 to 7")]
    [InlineData("\"nf_min\": 6.5, \"nf_max\": 11", "\"nf_max\": 11", "'nf_min' is missing")]
    [InlineData("\"nf_min\": 6.5", "\"nf_min\": 1", "first coil")]
    [InlineData("\"p_max\": 23, \"nf_min\": 6.5", "\"p_maxx\": 23, \"nf_min\": 6.5", "did you mean 'p_max'")]
    [InlineData("\"type_def\": \"variable_gain\", \"gain_flatmax\": 16", "\"type_def\": \"variable\", \"gain_flatmax\": 16", "did you mean 'variable_gain'")]
    [InlineData("\"nf_max\": 11,", "\"nf_max\": 11, \"f_min\": 193e12, \"f_max\": 196e12,", "lies outside the band")]
    [InlineData("\"nf_max\": 11,", "\"nf_max\": 11, \"default_config_from_json\": \"x.json\",", "gain profile")]
    [InlineData("\"f_max\": 195.1e12", "\"f_max\": 191.3e12", "no channel fits")]
    [InlineData("\"f_max\": 195.1e12", "\"f_max\": 196.3e12", "lies outside the band")]
    [InlineData("\"spacing\": 50e9", "\"spacing\": 20e9", "at least as wide as the symbol rate")]
    [InlineData("\"spacing\": 50e9", "\"spacing\": 1e6", "more than the 2048")]
    [InlineData("\"baud_rate\": 32e9, \"spacing\"", "\"baud_rate\": \"32e9\", \"spacing\"", "expected a number for 'baud_rate'")]
    [InlineData("\"Edfa\"", "\"Edfas\"", "did you mean 'Edfa'")]
    [InlineData("\"SI\"", "\"library-information\"", "no spectrum")]
    [InlineData("\"type_variety\": \"NZDF\"", "\"type_variety\": \"SSMF\"", "a second time")]
    public void A_wrong_library_is_refused(string old, string replacement, string problem)
    {
        var e = Refused(() => GnpyFiles.OneSpan("network_name", "network_name", GnpyFiles.Library(old, replacement)).Line());
        Assert.Contains(problem, e.Message);
        Assert.NotNull(e.Mark);
    }

    [Theory]
    [InlineData("\"type\": \"Roadm\", \"type_variety\": \"dense\"", "\"type\": \"Roadm\", \"type_variety\": \"detailed\"", "impairments by ROADM path")]
    [InlineData("\"params\": { \"target_pch_out_db\": -21 }", "\"params\": { \"target_pch_out_db\": -21, \"target_psd_out_mWperGHz\": 1e-4 }", "several targets")]
    [InlineData("\"params\": { \"target_pch_out_db\": -21 }", "\"params\": { \"per_degree_impairments\": [ 1 ] }", "impairments by ROADM path")]
    [InlineData("\"params\": { \"loss\": 0.7 }", "\"params\": { \"loss\": -0.7 }", "'loss'")]
    [InlineData("\"params\": { \"loss\": 0.7 }", "\"params\": { \"losses\": 0.7 }", "did you mean 'loss'")]
    public void A_wrong_mesh_is_refused(string old, string replacement, string problem)
    {
        var text = GnpyFiles.Text("mesh.json");
        Assert.Contains(old, text);
        var e = Refused(() => GnpyNetwork.Read(text.Replace(old, replacement), "net.json", GnpyFiles.Equipment).Line("trx A", "trx C"));
        Assert.Contains(problem, e.Message);
        Assert.NotNull(e.Mark);
    }

    [Theory]
    [InlineData("\"f_max\": 192.45e12", "\"f_max\": 191.45e12", "lies below")]
    [InlineData("\"f_max\": 192.45e12", "\"f_max\": 192.65e12", "overlap")]
    [InlineData("\"slot_width\": 50e9", "\"slot_width\": 5e6", "exceeds 'slot_width'")]
    [InlineData("\"baud_rate\": 32e9, \"slot_width\": 50e9", "\"baud_rate\": 1e6, \"slot_width\": 2e6", "more than the 2048")]
    [InlineData("\"baud_rate\": 32e9", "\"baud_rate\": 0", "'baud_rate'")]
    [InlineData("\"roll_off\": 0.15, \"tx_osnr\": 40", "\"tx_osnr\": 40", "'roll_off' is missing")]
    [InlineData("\"label\"", "\"lable\"", "did you mean 'label'")]
    [InlineData("\"f_min\": 191.5e12", "\"f_min\": NaN", "not valid JSON")]
    public void A_wrong_spectrum_is_refused(string old, string replacement, string problem)
    {
        var text = GnpyFiles.Text("spectrum.json");
        Assert.Contains(old, text);
        var e = Refused(() => GnpySpectrum.Read(text.Replace(old, replacement), "spectrum.json"));
        Assert.Contains(problem, e.Message);
        Assert.StartsWith("spectrum.json:", e.Message);
    }

    [Fact]
    public void No_channels_are_refused()
    {
        Refused(() => GnpySpectrum.Read("{ \"spectrum\": [] }", "s.json"));
        Refused(() => GnpySpectrum.Read("{}", "s.json"));
    }

    [Fact]
    public void Places_point_at_the_value()
    {
        var e = Refused(() => GnpyFiles.OneSpan("\"length\": 80", "\"length\": -80").Line());
        Assert.Equal(new Mark("net.json", 6, 29), e.Mark);
    }

    [Fact]
    public void Transceivers_that_are_none_are_refused()
    {
        var network = GnpyFiles.Network("mesh.json");
        Assert.Contains("did you mean 'trx A'", Refused(() => network.Line("trxA")).Message);
        Refused(() => network.Line("roadm A"));
        Refused(() => network.Line("trx C", "trx A"));
        Refused(() => GnpyFiles.Equipment.Modes("Vandor"));
    }

    [Fact]
    public void A_long_chain_is_followed_without_running_out_of_stack()
    {
        const int Count = 9_000;
        var elements = string.Join(",", Enumerable.Range(0, Count).Select(i => $"{{\"uid\":\"f{i}\",\"type\":\"Fused\",\"params\":{{\"loss\":0.001}}}}"));
        var connections = string.Join(",", Enumerable.Range(0, Count - 1).Select(i => $"{{\"from_node\":\"f{i}\",\"to_node\":\"f{i + 1}\"}}"));
        var text = $"{{\"elements\":[{{\"uid\":\"A\",\"type\":\"Transceiver\"}},{{\"uid\":\"B\",\"type\":\"Transceiver\"}},{elements}]," +
            $"\"connections\":[{{\"from_node\":\"A\",\"to_node\":\"f0\"}},{{\"from_node\":\"f{Count - 1}\",\"to_node\":\"B\"}},{connections}]}}";
        var line = GnpyNetwork.Read(text, "net.json", GnpyFiles.Equipment).Line();
        Assert.Equal(Count, line.Elements.Count);
        Assert.Equal(-9, line.Propagation[0].Power.Si, 6);
    }
}

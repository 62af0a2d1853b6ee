using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Errors, limits, lanes and boxes of <c>link</c> as JSON; <see cref="LinkJson"/> writes the rest.</summary>
static class LinkDetailJson
{
    /// <summary>What each candidate has: errors at its margin and the limits of physics.</summary>
    public static void OfCandidate(Utf8JsonWriter json, EngineeredLink link)
    {
        if (link.HasBudget && link.OutcomeAtMargin() is { } outcome)
        {
            json.WriteStartObject("errors");
            json.WriteString("fec", DocumentShape.NameOf(link.Fec));
            json.WriteNumber("continuation", link.ErrorModel!.Propagation.Continuation);
            json.WriteNumber("interleavedCodewords", link.ErrorModel.Propagation.InterleavedCodewords);
            Outcome(json, outcome);
            json.WriteEndObject();
        }
        json.WriteNumber("fec_ns", LinkJson.Tidy(link.Latency.Fec.Nanoseconds));
        json.WriteStartObject("limits");
        var vacuum = link.PurchasableLength * PhysicalLimits.VacuumDelay;
        Number(json, "latencyOverVacuum", link.Latency.Total / vacuum);
        Number(json, "energyOverLandauer", link.EnergyPerBit.JoulesPerBit / PhysicalLimits.Landauer().Joules);
        if (LinkAnswer.LimitsOf(link) is { } limits)
        {
            Number(json, "energyOverShotLimit", limits.EnergyOverShotLimit);
            Number(json, "photonsPerBit", limits.PhotonsPerBit);
            Number(json, "shotLimitPhotonsPerBit", limits.ShotLimitPhotonsPerBit);
            Number(json, "shannonPhotonsPerBit", limits.ShannonPhotonsPerBit);
            Number(json, "holevoPhotonsPerBit", limits.HolevoPhotonsPerBit);
            Number(json, "aboveShotLimit_dB", limits.AboveShotLimit?.Si);
            Number(json, "aboveIdealReceiver_dB", limits.AboveIdealReceiver?.Si);
        }
        json.WriteEndObject();
    }

    /// <summary>What only the chosen link has: its margins, what lost frames cost, its lanes, and the boxes that it is compared in.</summary>
    public static void OfChosen(Utf8JsonWriter json, LinkAnswer answer)
    {
        json.WriteStartArray("margins");
        foreach (var rung in answer.Margins)
        {
            json.WriteStartObject();
            json.WriteString("name", rung.Name);
            json.WriteNumber("margin_dB", LinkJson.Tidy(rung.Outcome.Margin.Si));
            Outcome(json, rung.Outcome);
            json.WriteStartArray("retransmission");
            foreach (var cost in answer.Costs(rung.Outcome.Bursts)) Cost(json, cost);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("lanes");
        foreach (var lane in answer.Lanes)
        {
            json.WriteStartObject();
            json.WriteNumber("wavelength_nm", LinkJson.Tidy(lane.Wavelength.Nanometers));
            json.WriteNumber("attenuation_dBPerKm", LinkJson.Tidy(lane.Attenuation.DecibelsPerKilometer));
            json.WriteNumber("margin_dB", LinkJson.Tidy(lane.Margin.Si));
            json.WriteNumber("leastDispersion_psPerNm", LinkJson.Tidy(lane.LeastDispersion));
            json.WriteNumber("mostDispersion_psPerNm", LinkJson.Tidy(lane.MostDispersion));
            json.WriteNumber("ofReach_share", LinkJson.Tidy(lane.ShareOfReach));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("boxes");
        foreach (var boxed in answer.Boxes) Box(json, boxed, answer.Boxes[0]);
        json.WriteEndArray();
    }

    static void Outcome(Utf8JsonWriter json, MarginOutcome outcome)
    {
        json.WriteNumber("preFecBer", outcome.Random.PreFecBer);
        json.WriteNumber("codewordLoss", outcome.Random.UncorrectableCodewords);
        json.WriteNumber("codewordLossInBursts", outcome.Bursts.UncorrectableCodewords);
        json.WriteNumber("frameLoss", outcome.Random.FrameLoss);
        json.WriteNumber("frameLossInBursts", outcome.Bursts.FrameLoss);
        json.WriteNumber("wanderFlaps_perYear", outcome.WanderFlaps.PerYear);
        json.WriteNumber("down_share", outcome.ShareDown);
    }

    static void Cost(Utf8JsonWriter json, RetransmissionCost cost)
    {
        json.WriteStartObject();
        json.WriteString("protocol", cost.Protocol.Key);
        json.WriteString("by", cost.OnTheLink ? "link" : "ends");
        json.WriteString("onLoss", DocumentShape.NameOf(cost.Retries.Policy));
        json.WriteNumber("turn_ns", LinkJson.Tidy(cost.Retries.Turn.Nanoseconds));
        json.WriteNumber("frameLoss", cost.FrameLoss);
        json.WriteNumber("losses_perSecond", cost.Losses.PerSecond);
        json.WriteNumber("lostBandwidth_share", cost.LostShare);
        json.WriteNumber("lostBandwidth_Gbps", cost.Lost.GigabitsPerSecond);
        Number(json, "stall_ns", cost.Stall.Nanoseconds);
        Number(json, "addedLatency_ns", cost.AddedLatency.Nanoseconds);
        json.WriteEndObject();
    }

    static void Box(Utf8JsonWriter json, BoxedLink boxed, BoxedLink chosen)
    {
        json.WriteStartObject();
        json.WriteString("switch", boxed.Box.Key);
        json.WriteString("medium", boxed.Link.Name);
        json.WriteNumber("ports", boxed.Box.Ports.Value);
        json.WriteNumber("linkHours_perYear", LinkJson.Tidy(boxed.LinkHoursPerYear));
        json.WriteStartArray("blasts");
        foreach (var blast in boxed.Blasts)
        {
            json.WriteStartObject();
            json.WriteString("element", DocumentShape.NameOf(blast.Element));
            json.WriteNumber("links", blast.Links);
            json.WriteNumber("lost_Gbps", blast.Lost.GigabitsPerSecond);
            json.WriteNumber("linksDuringRepair", blast.LinksDuringRepair);
            json.WriteString("replaced", blast.Replaced);
            json.WriteBoolean("fieldReplaceable", blast.FieldReplaceable);
            json.WriteNumber("repair_h", LinkJson.Tidy(blast.Repair.Value.Hours));
            json.WriteNumber("perBox", blast.PerBox);
            json.WriteNumber("failures_FIT", LinkJson.Tidy(blast.Rate.Fit));
            json.WriteNumber("linkHours_perYear", LinkJson.Tidy(blast.LinkHoursPerYear));
            json.WriteString("grade", DocumentShape.NameOf(blast.Grade));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (boxed.Energy is { } energy)
        {
            json.WriteStartObject("energy");
            Number(json, "end_W", energy.End.Watts);
            Number(json, "link_W", energy.Link.Watts);
            Number(json, "box_W", energy.Box.Watts);
            Number(json, "end_pJPerBit", energy.PerEnd.PicojoulesPerBit);
            Number(json, "endWithHost_pJPerBit", energy.PerEndWithHost.PicojoulesPerBit);
            Number(json, "link_pJPerBit", energy.PerLink.PicojoulesPerBit);
            Number(json, "linkWithHost_pJPerBit", energy.PerLinkWithHost.PicojoulesPerBit);
            Number(json, "box_pJPerBit", energy.PerBox.PicojoulesPerBit);
            json.WriteString("weakestGrade", DocumentShape.NameOf(energy.WeakestGrade));
            if (chosen.Energy is { } before && !ReferenceEquals(boxed, chosen))
            {
                var claim = new EnergyClaim(before, energy);
                Number(json, "timesLessPerEnd", claim.PerPort);
                Number(json, "timesLessPerEndWithHost", claim.PerPortWithHost);
                Number(json, "timesLessPerBoxBit", before.PerBox.JoulesPerBit / energy.PerBox.JoulesPerBit);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    // Nothing over nothing, and what never ends, have no number in JSON.
    static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, LinkJson.Tidy(number));
    }
}

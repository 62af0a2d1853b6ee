using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>A study of costs as JSON; amounts have the code of their currency in the field's name. The shape is described in docs/json.md.</summary>
public static class CostJson
{
    /// <summary>Writes a study.</summary>
    public static string Write(CostStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return EvaluationJson.Text(json => new Writer(json, study).Write());
    }

    sealed class Writer(Utf8JsonWriter json, CostStudy study)
    {
        readonly ClusterCost cost = study.Cost;
        readonly Evaluation evaluation = study.Evaluation;
        readonly string code = study.Currency.Code;

        public void Write()
        {
            json.WriteStartObject();
            json.WriteNumber("lightloom", 1);
            json.WriteString("id", evaluation.Id);
            json.WriteString("name", evaluation.Build.Document.Design.Name);
            json.WriteString("currency", code);
            json.WriteNumber("currency_USD", study.Currency.Dollars);
            if (study.Book is { } book) json.WriteString("priceBook", book);
            json.WriteNumber("accelerators", cost.Model.Accelerators);
            if (evaluation.Together is { } together) json.WriteNumber("sites", together.Sites.Count);
            json.WriteNumber("samples", cost.Sampling.Points.Count);
            json.WriteNumber("horizon_years", cost.Model.Horizon.Years);
            Capital();
            Year();
            Denominators();
            Power();
            json.WriteStartArray("carriedOver");
            foreach (var (item, left) in cost.CarriedOver)
            {
                json.WriteStartObject();
                json.WriteString("key", item.Key);
                Amount("left", left);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Drivers("acceleratorHourDrivers", cost.HourDrivers);
            Drivers("millionTokensDrivers", cost.MillionTokensDrivers);
            if (study.Envelope is { } envelope) Envelope(envelope);
            if (study.Against is { } against) Against(against);
            json.WriteEndObject();
        }

        void Capital()
        {
            json.WriteStartObject("capital");
            Range("total", cost.TotalCapital);
            Range("network", cost.NetworkCapital);
            if (cost.Model.HasPricedRoutes) Range("routes", cost.RoutesCapital);
            Share("networkOfCapital", cost.NetworkShareOfCapital);
            Share("networkOfEquipment", cost.NetworkShareOfEquipment);
            json.WriteStartArray("items");
            foreach (var item in cost.Capital)
            {
                json.WriteStartObject();
                json.WriteString("asset", DocumentShape.NameOf(item.Asset));
                json.WriteString("key", item.Key);
                json.WriteString("name", item.PartName);
                if (item.Use.Length > 0) json.WriteString("use", item.Use);
                json.WriteNumber(item.Asset == AssetClass.Building ? "count_W" : "count", item.Count);
                json.WriteNumber("spares", item.Spares);
                Range("price", item.Price);
                json.WriteNumber("life_years", item.Life.Years);
                json.WriteString("grade", DocumentShape.NameOf(item.Price.Weakest));
                EvaluationJson.Texts(json, "sources", item.Prices.Select(p => p.Source).Distinct());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        void Year()
        {
            json.WriteStartObject("year");
            Range("total", cost.Yearly);
            Range("capital", cost.YearlyCapital);
            Range("support", cost.YearlySupport);
            Range("replacements", cost.YearlyReplaced);
            Range("energy", cost.YearlyEnergy);
            Range("network", cost.NetworkYearly);
            if (cost.Model.HasPricedRoutes)
            {
                Range("leased", cost.YearlyLeased);
                Range("routes", cost.RoutesYearly);
                json.WriteStartArray("leasedItems");
                foreach (var (key, name, yearly) in cost.Leased)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key);
                    json.WriteString("name", name);
                    Range("year", yearly);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            Share("networkOfYear", cost.NetworkShareOfYear);
            EvaluationJson.Texts(json, "ratesWithoutRange", cost.RatesWithoutRange);
            json.WriteString("weakestGrade", DocumentShape.NameOf(cost.Yearly.Weakest));
            json.WriteEndObject();
            Range("ownership", cost.Ownership);
            Range("ownershipToday", cost.OwnershipToday);
        }

        void Denominators()
        {
            Range("acceleratorHour", cost.PerAcceleratorHour);
            if (cost.CapitalPerBisection is { } capital) Range("networkCapitalPerBisectionGBps", capital);
            if (cost.YearlyPerBisection is { } yearly) Range("networkYearPerBisectionGBps", yearly);
            if (cost.PerMillionTokens is { } tokens) Range("millionTokens", tokens);
            if (cost.TrainingRun is { } run) Range("trainingRun", run);
        }

        void Power()
        {
            json.WriteStartObject("power");
            json.WriteStartArray("components");
            foreach (var item in evaluation.AllPower.Items)
            {
                json.WriteStartObject();
                json.WriteString("name", item.Name);
                json.WriteString("layer", DocumentShape.NameOf(item.Layer));
                json.WriteBoolean("network", item.IsNetwork);
                json.WriteNumber("inUse_kW", item.InUse.Kilowatts);
                json.WriteNumber("provisioned_kW", item.Provisioned.Kilowatts);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Watts("inUse", cost.InUse);
            Watts("provisioned", cost.Provisioned);
            EvaluationJson.Texts(json, "withoutRange", cost.PowerWithoutRange);
            json.WriteStartArray("places");
            foreach (var place in PowerByPlace.Of(evaluation))
            {
                json.WriteStartObject();
                json.WriteString("place", place.Name);
                json.WriteNumber("count", place.Count);
                json.WriteNumber("each_kW", place.Each.Kilowatts);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        void Drivers(string name, IReadOnlyList<CostDriver> drivers)
        {
            json.WriteStartArray(name);
            foreach (var driver in drivers)
            {
                var figure = driver.Figure;
                // Prices are in the currency of the answer, whatever the book or the catalogue gives them in.
                var scale = figure.Unit.StartsWith("USD", StringComparison.Ordinal) ? study.Currency.Dollars : 1;
                json.WriteStartObject();
                json.WriteString("figure", figure.Key);
                json.WriteString("name", figure.Name);
                if (figure.Unit.Length > 0) json.WriteString("unit", figure.Unit.Replace("USD", code, StringComparison.Ordinal));
                json.WriteNumber("value", figure.Value / scale);
                json.WriteNumber("low", figure.Least / scale);
                json.WriteNumber("high", figure.Most / scale);
                Amount("atLow", driver.Low);
                Amount("atHigh", driver.High);
                json.WriteNumber("firstOrder_share", driver.FirstOrder);
                json.WriteNumber("total_share", driver.Total);
                json.WriteString("grade", DocumentShape.NameOf(figure.Grade));
                json.WriteString("source", figure.Source);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }

        void Against(PublishedSplit split)
        {
            json.WriteStartObject("against");
            json.WriteNumber("layers", split.Row.Layers);
            json.WriteNumber("network_share", split.OwnShare);
            json.WriteNumber("published_share", split.Row.Share);
            json.WriteStartArray("steps");
            foreach (var step in split.Steps)
            {
                json.WriteStartObject();
                json.WriteString("line", step.Line);
                Amount("own", Money.FromDollars(step.Own));
                Amount("published", Money.FromDollars(step.Published));
                json.WriteNumber("moves_points", step.Points);
                if (step.Note.Length > 0) json.WriteString("note", step.Note);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        void Envelope(PowerEnvelope envelope)
        {
            json.WriteStartObject("envelope");
            json.WriteNumber("meter_kW", envelope.Envelope.Kilowatts);
            json.WriteNumber("it_kW", envelope.ForIt.Kilowatts);
            json.WriteNumber("used_kW", envelope.Used.Kilowatts);
            json.WriteNumber("systems", envelope.Systems);
            json.WriteNumber("accelerators", envelope.Accelerators);
            json.WriteNumber("designedAccelerators", envelope.Designed);
            json.WriteBoolean("fabricPlanned", envelope.IsPlanned);
            json.WriteNumber("accelerator_W", envelope.PerAccelerator.Watts);
            json.WriteNumber("fabricPerAccelerator_W", envelope.FabricPerAccelerator.Watts);
            json.WriteNumber("acceleratorsWithoutFabric", envelope.WithoutFabric);
            json.WriteNumber("acceleratorsPerWattSaved", envelope.PerWattSaved);
            json.WriteStartArray("savings");
            foreach (var saving in envelope.Savings)
            {
                json.WriteStartObject();
                json.WriteString("component", saving.Name);
                json.WriteNumber("perAccelerator_W", saving.PerAccelerator.Watts);
                json.WriteNumber("moreAccelerators", saving.MoreAccelerators);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }

        void Range(string name, CostRange range)
        {
            json.WriteStartObject($"{name}_{code}");
            json.WriteNumber("value", study.Currency.Of(range.Value));
            json.WriteNumber("low", study.Currency.Of(range.Low));
            json.WriteNumber("high", study.Currency.Of(range.High));
            json.WriteEndObject();
        }

        void Watts(string name, PowerRange power)
        {
            json.WriteStartObject($"{name}_kW");
            json.WriteNumber("value", power.Value.Kilowatts);
            json.WriteNumber("low", power.Low.Kilowatts);
            json.WriteNumber("high", power.High.Kilowatts);
            json.WriteEndObject();
        }

        void Amount(string name, Money amount) => json.WriteNumber($"{name}_{code}", study.Currency.Of(amount));

        void Share(string name, ShareRange share)
        {
            json.WriteStartObject($"{name}_share");
            json.WriteNumber("value", share.Value);
            json.WriteNumber("low", share.Low);
            json.WriteNumber("high", share.High);
            json.WriteEndObject();
        }
    }
}

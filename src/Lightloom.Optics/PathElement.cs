using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Something in the optical path besides fibre and connectors: an optical circuit switch, a circulator, a splitter.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Loss">Its loss: the value where typical losses are asked for, the high end where the largest are.</param>
/// <param name="ReturnLoss">Light that it reflects below the light that comes, a positive loss; null for nothing that matters.</param>
public sealed record PathElement(string Name, Sourced<Decibels> Loss, Decibels? ReturnLoss = null);

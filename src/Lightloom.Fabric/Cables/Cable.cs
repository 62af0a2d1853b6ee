using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>One end of a cable.</summary>
/// <param name="Rack">The rack: "R03-07" is place 7 of row 3.</param>
/// <param name="Unit">The lowest rack unit of the device, from 1.</param>
/// <param name="Device">The device: a system for its cards, else a switch or a fabric manager.</param>
/// <param name="Port">Its port, as it is labelled; "nic-3/1" is port 1 of card 3.</param>
public readonly record struct CableEnd(string Rack, int Unit, string Device, string Port);

/// <summary>One cable of a cable plan.</summary>
/// <param name="Label">Its number, unique in the fabric, to be printed on both ends: "LS-00417".</param>
/// <param name="Class">Its class of links.</param>
/// <param name="Medium">Modules or cable, as the catalogue calls them; empty where nothing closes.</param>
/// <param name="Rate">Rate of the link, one direction.</param>
/// <param name="Run">The routed run, slack included.</param>
/// <param name="Length">The length in which it is bought.</param>
/// <param name="A">The end nearer to the systems.</param>
/// <param name="B">The other end.</param>
/// <param name="RowTray">The tray along a row that it lies in, by the row's number from 1; 0 when it stays over one place.</param>
/// <param name="CrossTray">The tray across the rows that it lies in, by the place's number from 1; 0 when it stays in one row.</param>
public sealed record Cable(
    string Label, string Class, string Medium, Bandwidth Rate, Length Run, Length Length, CableEnd A, CableEnd B, int RowTray, int CrossTray);

/// <summary>How the cables of one class whose runs fall into one length bucket are made.</summary>
/// <param name="Medium">Modules or cable; empty where nothing closes.</param>
/// <param name="Length">The length in which they are bought.</param>
public readonly record struct CableMedium(string Medium, Length Length);

// What a link's lost frames cost under a protocol: on the link itself where the protocol's link layer sends again, else from end to end.
//
//   on the link    T = 2 t_link + t_retry                      t_retry  finding a loss, answering and beginning again, both ends
//   end to end     T = 2 (t_link + t_rest) + t_software        t_rest   the other links and switches of a path, one way
//   everything else by LinkRetries; a frame waits on average (share of time in a stall) · (half a stall)
//
// Link-level retry always sends again from the lost frame on: a link delivers in order.
//
// Example: 800 Gb/s over 500 m (2.58 us with its modules and correction), frames of 4 KiB, 1e-6 of them lost. On the link T = 5.36 us:
// 0.013 % of the bandwidth, 24.4 losses a second, 5.4 us each. End to end with go-back-N, 2 us of other links and 1.3 us of software:
// T = 10.5 us: 0.026 %.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What lost frames cost under a protocol.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="OnTheLink">Whether the link sends again, or the ends of the path do.</param>
/// <param name="Retries">How frames are sent again, at this link's latency.</param>
/// <param name="FrameLoss">Share of the protocol's frames that the link loses.</param>
public sealed record RetransmissionCost(NetworkProtocol Protocol, bool OnTheLink, LinkRetries Retries, double FrameLoss)
{
    /// <summary>Share of the bandwidth that is lost.</summary>
    public double LostShare => FrameLoss >= 1 ? 1 : 1 - Retries.GoodputShare(FrameLoss);

    /// <summary>Bandwidth that is lost.</summary>
    public Bandwidth Lost => LostShare * Retries.Rate;

    /// <summary>Losses of a busy link.</summary>
    public FailureRate Losses => Retries.Retries(FrameLoss);

    /// <summary>Time for which one loss holds up what is behind it.</summary>
    public Duration Stall => Retries.StallPerLoss(FrameLoss);

    /// <summary>What a frame waits for others' losses, on average over all frames.</summary>
    public Duration AddedLatency => FrameLoss > 0 ? Retries.StalledShare(FrameLoss) / 2 * Stall : Duration.Zero;
}

/// <summary>Retransmission of a link's losses under protocols of the catalogue.</summary>
/// <remarks>
/// <see cref="LinkRetries"/> for the model. Frames are counted at the protocol's largest payload; a link that loses a share of frames is
/// one of a path whose others lose none.
/// </remarks>
public static class Retransmission
{
    /// <summary>What the losses of a link cost under a protocol.</summary>
    /// <param name="link">The link.</param>
    /// <param name="rate">Its rate.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="errors">Errors after correction: the link's own, or those at another margin.</param>
    /// <param name="assumptions">Times of retries and of the rest of the path; the default ones if null.</param>
    public static RetransmissionCost Of(
        EngineeredLink link, Bandwidth rate, NetworkProtocol protocol, ErrorRatios errors, LinkAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(protocol);
        var given = assumptions ?? LinkAssumptions.Default;
        var frame = protocol.FramePayload.Value;
        var retries = protocol.LinkRetry
            ? LinkRetries.Over(link, rate, frame, given.LinkRetryProcessing.Value, OnLoss.GoBackN)
            : LinkRetries.Over(link, rate, frame, 2 * given.RestOfPath.Value + protocol.SoftwareLatency.Value, protocol.OnLoss);
        return new(protocol, protocol.LinkRetry, retries, link.FrameLossRatio(errors, frame));
    }
}

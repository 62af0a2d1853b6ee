using System.Runtime.CompilerServices;

namespace Lightloom.Simulation.Packets.Transports;

/// <summary>What of a transport sends packets of data, for <see cref="CardTurns"/>. No call is virtual.</summary>
interface ISendsData
{
    /// <summary>The host of a flow.</summary>
    int HostOf(int flow);

    /// <summary>Whether a flow has a packet that it may send now; where it may later, it has seen to being called then.</summary>
    bool May(PacketNet net, int flow);

    /// <summary>The packet.</summary>
    int Make(PacketNet net, int flow);

    /// <summary>Whether it waits for its turn at its host's card.</summary>
    ref bool Waits(int flow);
}

/// <summary>How flows take turns at their host's card: they send while a wire is idle, and wait in its list else.</summary>
static class CardTurns
{
    /// <summary>A flow sends what it may.</summary>
    public static void SendWhatMay<T>(in T transport, PacketNet net, int flow)
        where T : struct, ISendsData
    {
        while (!transport.Waits(flow) && transport.May(net, flow))
        {
            var wire = net.IdleWire(transport.HostOf(flow), flow);
            if (wire < 0)
            {
                Wait(in transport, net, flow);
                return;
            }
            net.Send(wire, transport.Make(net, flow));
        }
    }

    /// <summary>It is a flow's turn: its packet, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Send<T>(in T transport, PacketNet net, int flow)
        where T : struct, ISendsData
    {
        transport.Waits(flow) = false;
        return transport.May(net, flow) ? transport.Make(net, flow) : -1;
    }

    /// <summary>A flow has sent and joins again, if it may.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sent<T>(in T transport, PacketNet net, int flow)
        where T : struct, ISendsData
    {
        if (!transport.Waits(flow) && transport.May(net, flow)) Wait(in transport, net, flow);
    }

    static void Wait<T>(in T transport, PacketNet net, int flow)
        where T : struct, ISendsData
    {
        transport.Waits(flow) = true;
        net.Join(transport.HostOf(flow), flow);
    }
}

using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Advice;

/// <summary>What a question counts.</summary>
public enum AdviceMeasure
{
    /// <summary>Tokens per second, failures counted.</summary>
    Tokens,

    /// <summary>Watts of IT power saved, with no more than half a per cent of tokens per second lost.</summary>
    Watts,

    /// <summary>Links that close and don't on passive and active copper as the floor stands.</summary>
    [DocumentName("links-that-close")]
    LinksThatClose,

    /// <summary>Time of one sum over all accelerators.</summary>
    [DocumentName("all-reduce")]
    AllReduce,

    /// <summary>Value that goes on to the next generation.</summary>
    [DocumentName("carried-over")]
    CarriedOver,

    /// <summary>Spending that only one vendor could supply.</summary>
    [DocumentName("single-vendor")]
    SingleVendor,

    /// <summary>Compute kept busy over several sites.</summary>
    [DocumentName("sites")]
    Sites,

    /// <summary>Price of the network that does the job of a small cluster.</summary>
    [DocumentName("network-price")]
    NetworkPrice,
}

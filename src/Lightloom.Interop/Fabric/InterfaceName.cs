using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

/// <summary>The port that the name of an interface means.</summary>
static partial class InterfaceName
{
    /// <summary>The device and the port, or null when the name has no number. An interface of a card is a port of that card.</summary>
    public static (string Device, PortNumber Port)? Read(string device, string name)
    {
        if (Card().Match(name) is { Success: true } card)
            return ($"{device}-{card.Groups["card"].Value}", new(card.Groups["port"].Success ? Number(card, "port") : 1));
        if (Linux().Match(name) is { Success: true } linux)
            return (device, new(Number(linux, "port"), linux.Groups["part"].Success ? Number(linux, "part") + 1 : 0));
        if (Slashed().Match(name) is { Success: true } slashed)
        {
            // "Eth1/12" is module 1, port 12; "Eth1/12/2" its second part.
            var parts = name[slashed.Index..].Split('/');
            return parts.Length == 1 ? (device, new(Number(parts[0]))) : parts.Length == 2 ? (device, new(Number(parts[1]))) : (device, new(Number(parts[1]), Number(parts[2])));
        }
        return null;
    }

    static int Number(Match match, string group) => Number(match.Groups[group].Value);

    static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<card>nic-[0-9]{1,6})(p(?<port>[0-9]{1,5}))?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Card();

    [GeneratedRegex("^(swp|port-?|p)?(?<port>[0-9]{1,5})(s(?<part>[0-9]{1,2}))?$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Linux();

    [GeneratedRegex("(?<=^[A-Za-z-]{1,30})[0-9]{1,5}(/[0-9]{1,5}){0,2}$", RegexOptions.ExplicitCapture)]
    private static partial Regex Slashed();
}

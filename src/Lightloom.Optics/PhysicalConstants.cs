namespace Lightloom.Optics;

// Exact since the SI of 2019 (BIPM, The International System of Units, 9th edition).
static class PhysicalConstants
{
    internal const double ElementaryCharge = 1.602176634e-19; // C
    internal const double Planck = 6.62607015e-34; // J s
    internal const double Boltzmann = 1.380649e-23; // J/K
    internal const double SpeedOfLight = 299792458; // m/s
}

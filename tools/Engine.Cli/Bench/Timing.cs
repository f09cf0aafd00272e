using System.Diagnostics;

namespace Engine.Cli.Bench;

/// <summary>Seconds of one launch: the median over rounds long enough for the clock, fewer of them where one takes seconds.</summary>
internal static class Timing
{
    private const int Rounds = 9;
    private const int LeastRounds = 3;
    private const double RoundSeconds = 0.05;
    private const double MostSeconds = 5;

    public static double Seconds(Device device, Action launch)
    {
        // The first launch compiles; the second tells how many make a round.
        Once(device, launch, 1);
        double one = Once(device, launch, 1);
        int repeats = (int)Math.Clamp(RoundSeconds / Math.Max(one, 1e-7), 1, 10_000);
        double[] seconds = new double[(int)Math.Clamp(MostSeconds / Math.Max(one, 1e-7), LeastRounds, Rounds)];
        for (int round = 0; round < seconds.Length; round++)
        {
            seconds[round] = Once(device, launch, repeats) / repeats;
        }

        Array.Sort(seconds);
        return seconds[seconds.Length / 2];
    }

    private static double Once(Device device, Action launch, int repeats)
    {
        device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            launch();
        }

        device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

using Engine.Optim;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Engine.Tests.Optim;

public sealed class ScheduleTests
{
    [Fact]
    public void Warmups_differ_where_they_say()
    {
        Assert.Equal([0.0, 0.25, 0.5, 0.75, 1.0], Rates(new ConstantSchedule(1, 4, WarmupForm.FromZero), 5));
        Assert.Equal([0.25, 0.5, 0.75, 1.0, 1.0], Rates(new ConstantSchedule(1, 4, WarmupForm.ToPeak), 5));
        Assert.Equal([0.2, 0.4, 0.6, 0.8, 1.0], Rates(new ConstantSchedule(1, 4, WarmupForm.Between), 5));
        Assert.Equal([1.0, 1.0], Rates(new ConstantSchedule(1), 2));
    }

    [Fact]
    public void Stable_phase_then_decay()
    {
        Assert.Equal([0, 0.5, 1, 1, 1, 0.775, 0.55, 0.325, 0.1, 0.1], Rates(new WarmupStableDecaySchedule(1, 0.1, 2, 4, 8), 10), Near);
        Assert.Equal([1, 1, 0.5, 0], Rates(new WarmupStableDecaySchedule(1, 0, 0, 4, 5, Shape: DecayShape.OneMinusSquareRoot), 6).Where((_, i) => i is 0 or 1 or 2 or 5), Near);
    }

    [Fact]
    public void Cosine_starts_at_the_peak_and_stays_at_the_minimum()
    {
        CosineSchedule schedule = new(2, 0.5, 3, 11);
        Assert.Equal(2, schedule.At(3));
        Assert.Equal(1.25, schedule.At(7), 1e-12);
        Assert.Equal([0.5, 0.5, 0.5], new[] { 11, 12, 1_000_000L }.Select(schedule.At), Near);
    }

    [Fact]
    public void Rates_rise_until_the_peak_and_never_after() =>
        Prop.ForAll(
            Gen.Choose(0, 50).ToArbitrary(),
            Gen.Choose(1, 50).ToArbitrary(),
            Gen.Elements(Enum.GetValues<WarmupForm>()).ToArbitrary(),
            (warmup, after, form) =>
            {
                Schedule[] schedules =
                [
                    new ConstantSchedule(3, warmup, form),
                    new LinearSchedule(3, warmup, warmup + after, form),
                    new CosineSchedule(3, 0.3, warmup, warmup + after, form),
                    new WarmupStableDecaySchedule(3, 0.3, warmup, 1 + (after / 2), warmup + after, form),
                    new WarmupStableDecaySchedule(3, 0.3, warmup, 1 + (after / 2), warmup + after, form, DecayShape.OneMinusSquareRoot),
                    new NoamSchedule(64, warmup + 1),
                    new InverseSquareRootSchedule(3, warmup + 1),
                ];
                return schedules.All(schedule =>
                {
                    double[] rates = Rates(schedule, warmup + after + 5);
                    int peak = Array.IndexOf(rates, rates.Max());
                    return rates.All(r => r >= 0 && r <= 3.0000001)
                        && Enumerable.Range(1, peak).All(i => rates[i] >= rates[i - 1])
                        && Enumerable.Range(peak + 1, rates.Length - peak - 1).All(i => rates[i] <= rates[i - 1] + 1e-15);
                });
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Schedules_are_values() => Assert.Equal(new CosineSchedule(1, 0.1, 2, 3), new CosineSchedule(1, 0.1, 2, 3));

    [Fact]
    public void Wrong_settings_are_named()
    {
        Throws("ConstantSchedule: Peak is -1, expected a finite number of at least 0.", () => new ConstantSchedule(-1));
        Throws("LinearSchedule: Total is 5, expected more than the 5 steps of warm-up.", () => new LinearSchedule(1, 5, 5));
        Throws("CosineSchedule: Minimum is 2, expected 0 to the peak, 1.", () => new CosineSchedule(1, 2, 0, 5));
        Throws("CosineSchedule: Warmup is -1, expected at least 0.", () => new CosineSchedule(1, 0, -1, 5));
        Throws("WarmupStableDecaySchedule: Decay is 4, expected 1 to 3, the steps after the warm-up.", () => new WarmupStableDecaySchedule(1, 0, 2, 4, 5));
        Throws("NoamSchedule: Width is 0, expected at least 1.", () => new NoamSchedule(0, 10));
        Throws("InverseSquareRootSchedule: Warmup is 0, expected at least 1.", () => new InverseSquareRootSchedule(1, 0));
        Throws("NoamSchedule: step is -1, expected at least 0.", () => new NoamSchedule(1, 1).At(-1));
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-12;

    private static double[] Rates(Schedule schedule, int steps) => [.. Enumerable.Range(0, steps).Select(s => schedule.At(s))];

    private static void Throws(string message, Func<object> action) =>
        Assert.Equal(message, Assert.Throws<EngineException>(action).Message);
}

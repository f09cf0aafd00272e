using Engine.KernelLanguage;
using Engine.Kernels;
using Engine.Nn;

namespace Engine.Optim;

/// <summary>
/// An exponential moving average of parameters, e = decay·e + (1 − decay)·p, starting at the parameters themselves: the
/// averaged weights often evaluate better (Polyak and Juditsky 1992), and are the teacher in self-distillation.
/// </summary>
public sealed class MovingAverageWeights : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _averages;

    /// <summary>An average that starts at the present values.</summary>
    /// <param name="parameters">The float32 parameters to follow.</param>
    /// <param name="decay">Share of the past, 0 to below 1; 0.999 to 0.9999 is usual.</param>
    /// <exception cref="EngineException">The decay is out of range, or a parameter is not float32.</exception>
    public MovingAverageWeights(IEnumerable<Parameter> parameters, double decay)
    {
        Decay = Setting.Fraction(nameof(MovingAverageWeights), "decay", decay);
        _parameters = [.. parameters];
        foreach (Parameter parameter in _parameters)
        {
            Check.DType(nameof(MovingAverageWeights), parameter.Name, parameter.Master, DType.Float32);
        }

        _averages = [.. _parameters.Select(p => p.Master.ToPersistent())];
    }

    /// <summary>Share of the past; may be changed from step to step, as in a warm-up of the average.</summary>
    public double Decay { get; set => field = Setting.Fraction(nameof(MovingAverageWeights), "decay", value); }

    /// <summary>The averages by name (<c>wte.weight.ema</c>), for checkpoints; they are this object's own.</summary>
    public IEnumerable<(string Name, Tensor Value)> StateTensors => _parameters.Select((p, i) => ($"{p.Name}.ema", _averages[i]));

    /// <summary>Moves the averages towards the present values; call it after each optimizer step.</summary>
    public void Update()
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            Tensor e = _averages[i];
            e.Data.Storage!.Version++;
            e.Device.Launch(
                new MovingAverage(e.Flat<float>(), _parameters[i].Master.Flat<float>(), (float)(1 - Decay), e.Count), Block.Cover(e.Count));
        }
    }

    /// <summary>Exchanges parameters and averages: once before an evaluation with the averages, once after it.</summary>
    public void Swap()
    {
        for (int i = 0; i < _parameters.Length; i++)
        {
            Tensor e = _averages[i];
            Tensor p = _parameters[i].Master;
            e.Data.Storage!.Version++;
            p.Data.Storage!.Version++;
            e.Device.Launch(new Exchange(e.Flat<float>(), p.Flat<float>(), e.Count), Block.Cover(e.Count));
            _parameters[i].Refresh();
        }
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        foreach (Tensor average in _averages)
        {
            average.Dispose();
        }
    }
}

namespace Engine.Nn;

/// <summary>How a parameter's first values are drawn. Each draw advances the model's random stream, in registration order.</summary>
public abstract class Initializer
{
    /// <summary>All zeros: biases.</summary>
    public static Initializer Zeros { get; } = new Constant(0f);

    /// <summary>All ones: the gains of norms.</summary>
    public static Initializer Ones { get; } = new Constant(1f);

    /// <summary>Normal with mean 0 and the given standard deviation.</summary>
    /// <param name="std">Standard deviation; GPT-2 uses 0.02.</param>
    /// <param name="random">The model's stream.</param>
    public static Initializer Normal(float std, RandomStream random) => new Drawn(() => std * random.NextNormal());

    /// <summary>Uniform between −<paramref name="limit"/> and <paramref name="limit"/>.</summary>
    /// <param name="limit">The largest magnitude; PyTorch's layers use 1/√inputs.</param>
    /// <param name="random">The model's stream.</param>
    public static Initializer Uniform(float limit, RandomStream random) => new Drawn(() => limit * ((2f * random.NextUniform()) - 1f));

    /// <summary>Fills a contiguous float32 tensor.</summary>
    public abstract void Fill(Tensor target);

    private sealed class Constant(float value) : Initializer
    {
        public override void Fill(Tensor target) => target.FillInPlace(value);
    }

    private sealed class Drawn(Func<float> draw) : Initializer
    {
        public override void Fill(Tensor target)
        {
            float[] values = new float[target.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = draw();
            }

            target.Load<float>(values);
        }
    }
}

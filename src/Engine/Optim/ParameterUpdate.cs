using Engine.KernelLanguage;

namespace Engine.Optim;

/// <summary>What an update rule sees of one parameter: its value, gradient and state as kernels take them, and its settings.</summary>
internal readonly record struct ParameterUpdate(
    Device Device,
    View<float> Value,
    View<float> Grad,
    Tensor[] States,
    View<float> Clip,
    float GradScale,
    double LearningRate,
    double WeightDecay,
    long Count)
{
    /// <summary>The blocks of a kernel over the parameter's elements.</summary>
    public long Blocks => Block.Cover(Count);

    /// <summary>A state tensor by its place; absent if the rule was made without it.</summary>
    public View<float> State(int slot) => slot < States.Length ? States[slot].Flat<float>() : default;
}

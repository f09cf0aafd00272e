using Xunit;

namespace Engine.Tests.Autograd;

public sealed class TapeTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void A_tensor_used_twice_gets_the_sum_of_its_gradients()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([3f], [1], requiresGrad: true);
        step.Backward(((x * x) + x).Sum());
        Assert.Equal([7f], StepScope.Grad(x).ToArray());
    }

    [Fact]
    public void Gradients_of_persistent_tensors_add_up_over_steps()
    {
        StepScope step = new(_device);
        Tensor w = Tensor.From<float>(_device, [2f], [1]);
        w.Data.RequiresGrad = true;
        for (int i = 1; i <= 3; i++)
        {
            step.Backward((step.From<float>([i], [1]) * w).Sum());
            step.Clear();
        }

        Assert.Equal([6f], StepScope.Grad(w).ToArray());
        w.Dispose();
    }

    [Fact]
    public void A_saved_tensor_changed_in_place_is_refused_in_backward()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([1f, 2f], [2], requiresGrad: true);
        Tensor y = x.Tanh();
        y.AddInPlace(step.From<float>([1f, 1f], [2]));
        Tensor loss = y.Sum();
        EngineException e = Assert.Throws<EngineException>(() => step.Backward(loss));
        Assert.Equal("Tanh: the saved tensor (2,) was changed in place (version 1, saved at 0) before its backward. [float32, cpu]", e.Message);
    }

    [Fact]
    public void A_loss_must_be_one_element_that_depends_on_something()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([1f, 2f], [2], requiresGrad: true);
        Assert.Equal("Backward: the loss has shape (2,), expected one element; reduce it with Mean() or Sum(). [float32, cpu]", Assert.Throws<EngineException>(() => step.Backward(x.Tanh())).Message);
        Tensor constant = step.From<float>([1f], [1]);
        Assert.Equal("Backward: the loss does not depend on any tensor that requires a gradient, or its step does not record. [float32, cpu]", Assert.Throws<EngineException>(() => step.Backward(constant)).Message);
    }

    [Fact]
    public void An_op_on_parameters_alone_says_how_to_enter_a_step()
    {
        Tensor w = Tensor.From<float>(_device, [1f], [1]);
        w.Data.RequiresGrad = true;
        EngineException e = Assert.Throws<EngineException>(() => w * 2f);
        Assert.Equal("Scale: all operands are persistent and one requires a gradient, so no step can record it. Enter it into a step with StepScope.Use(tensor).", e.Message);
        w.Dispose();
    }

    [Fact]
    public void Detach_stops_the_gradient()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([3f], [1], requiresGrad: true);
        step.Backward((x * x.Detach()).Sum());
        Assert.Equal([3f], StepScope.Grad(x).ToArray());
    }

    [Fact]
    public void Checkpointing_gives_the_same_bits_with_less_memory()
    {
        (float[] plain, long plainPeak) = Deep(checkpoint: false);
        (float[] again, long leanPeak) = Deep(checkpoint: true);
        Assert.Equal(plain, again);
        Assert.True(leanPeak < plainPeak / 2, $"peak with checkpointing {leanPeak}, without {plainPeak}");
    }

    private (float[] Grad, long Peak) Deep(bool checkpoint)
    {
        using CpuDevice device = new(threads: 1);
        using StepScope step = new(device);
        Segment segment = new();
        Tensor x = step.From<float>([.. Enumerable.Range(0, 4096).Select(i => i / 4096f)], [4096], requiresGrad: true);
        Tensor y = x;
        for (int i = 0; i < 8; i++)
        {
            y = checkpoint ? step.Checkpoint(y, segment) : segment.Forward(y);
        }

        step.Backward(y.Sum());
        return (StepScope.Grad(x).ToArray(), device.Memory.PeakBytes);
    }

    private sealed class Segment : IForward
    {
        public Tensor Forward(Tensor x)
        {
            for (int i = 0; i < 6; i++)
            {
                x = x.Tanh() * 1.1f;
            }

            return x;
        }
    }
}

using Xunit;

namespace Engine.Tests.Memory;

public sealed class LifetimeTests : IDisposable
{
    private readonly CpuDevice _device = new(threads: 1);

    public void Dispose() => _device.Dispose();

    [Fact]
    public void A_step_tensor_used_after_its_step_is_refused_by_name()
    {
        StepScope step = new(_device);
        Tensor y = step.From<float>([1f, 2f], [2]).Tanh();
        step.Clear();
        EngineException e = Assert.Throws<EngineException>(() => y.ToArray());
        Assert.Equal("Tensor: the result of Tanh (2,) of step 2 was freed when its step ended or by Dispose, and is used again. Call Keep() before Backward, or copy it with ToPersistent(), to have it longer.", e.Message);
        Assert.False(y.IsAlive);
    }

    [Fact]
    public void Backward_frees_what_it_used_for_the_last_time_and_says_so()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([0.5f], [1], requiresGrad: true);
        Tensor y = x.Tanh();
        Tensor kept = (y * y).Keep();
        step.Backward((kept * kept).Sum());
        Assert.Single(kept.ToArray());
        EngineException e = Assert.Throws<EngineException>(() => y.ToArray());
        Assert.Contains("was freed (its last use was in backward of Tanh)", e.Message);
        step.Clear();
        Assert.Equal(0, _device.Memory.LiveBytes);
    }

    [Fact]
    public void Persistent_tensors_live_until_disposed()
    {
        Tensor w = Tensor.From<float>(_device, [1f, 2f, 3f], [3]);
        using (StepScope step = new(_device))
        {
            _ = step.Use(w) * 2f;
        }

        Assert.Equal([1f, 2f, 3f], w.ToArray());
        w.Dispose();
        w.Dispose();
        Assert.Equal(0, _device.Memory.LiveBytes);
        Assert.Throws<EngineException>(() => w.Shape);
    }

    [Fact]
    public void Out_of_memory_names_the_biggest_holders()
    {
        _device.MemoryLimit = 1 << 20;
        Tensor big = Tensor.Zeros(_device, [128 * 1024], tag: "parameters");
        EngineException e = Assert.Throws<EngineException>(() => Tensor.Zeros(_device, [1024, 1024], tag: "activations"));
        Assert.StartsWith("activations: out of memory on cpu: 4.0 MiB asked for, 512.0 KiB live, limit 1.0 MiB. Biggest holders: parameters 512.0 KiB.", e.Message);
        big.Dispose();
    }

    [Fact]
    public void A_steady_step_allocates_no_managed_memory_and_does_not_drift()
    {
#if DEBUG
        Assert.Skip("Unoptimised code allocates for collection literals; run the tests with -c Release.");
#endif
        StepScope step = new(_device);
        Tensor w = Tensor.From<float>(_device, [0.1f, 0.2f, 0.3f, 0.4f], [2, 2]);
        w.Data.RequiresGrad = true;
        float[] input = [1f, 2f];
        void Step()
        {
            Tensor x = step.From<float>(input, [2, 1]);
            Tensor y = ((x + w).Tanh() * w).Sum(0).Permute(0).Slice(0, 0, 2);
            step.Backward(y.Mean());
            w.Data.HasGrad = false;
            step.Clear();
        }

        for (int i = 0; i < 50; i++)
        {
            Step();
        }

        long live = _device.Memory.LiveBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(live, _device.Memory.LiveBytes);
        w.Dispose();
        Assert.Equal(0, _device.Memory.LiveBytes);
    }

    [Fact]
    public void A_step_belongs_to_one_thread()
    {
        StepScope step = new(_device);
        Tensor x = step.From<float>([1f], [1]);
        EngineException? e = null;
        Thread thread = new(() => e = Assert.Throws<EngineException>(() => x.Tanh()));
        thread.Start();
        thread.Join();
        Assert.Matches(@"^Tanh: this step belongs to thread \d+, but thread \d+ uses it\. Give each thread a StepScope of its own\.$", e!.Message);
    }

    [Fact]
    public void Operands_of_two_steps_do_not_mix()
    {
        StepScope a = new(_device);
        StepScope b = new(_device);
        Tensor x = a.From<float>([1f], [1]);
        Tensor y = b.From<float>([1f], [1]);
        Assert.Equal("Sum: operands belong to two different step scopes; copy one with ToPersistent().", Assert.Throws<EngineException>(() => x + y).Message);
    }
}

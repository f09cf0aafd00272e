using Engine;
using Engine.Nn;
using Engine.Optim;

using Device device = Device.Open("auto");
using Net net = new(device);
using AdamW optimizer = new(ParameterGroup.Split(net.Parameters, weightDecay: 0), learningRate: 0.05);
using StepScope step = new(device);                       // everything made in a step is freed by Clear()
for (int i = 0; i < 200; i++)
{
    Tensor x = step.From<float>([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
    Tensor loss = net.Forward(x).CrossEntropy(step.From<int>([0, 1, 1, 0], [4]));   // XOR
    step.Backward(loss);
    if (i % 50 == 0) Console.WriteLine(loss.Item());
    optimizer.Step();
    optimizer.ZeroGrad();
    step.Clear();
}

internal sealed class Net : Module
{
    private readonly Conv1D _up, _down;
    public Net(Device d) : base(d) => (_up, _down) = (
        Add("up", new Conv1D(d, 2, 16, Initializer.Normal(1, new RandomStream(1, 1)), Activation.GeluTanh)),
        Add("down", new Conv1D(d, 16, 2, Initializer.Normal(0.1f, new RandomStream(2, 1)))));
    public Tensor Forward(Tensor x) => _down.Forward(_up.Forward(x));               // (N, 2) → (N, 16) → (N, 2)
}

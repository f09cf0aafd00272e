using System.Text.Json;
using Xunit;

namespace Engine.Cli.Tests;

public sealed class InfoCommandTests
{
    [Fact]
    public void It_tells_device_simd_versions_and_memory()
    {
        string text = Cli.Run("info").Out;
        Assert.Matches("(?s)^engine .*runtime .*device   cpu: .*simd     .*memory ", text);
        Assert.Contains(SimdLevels.Best.Name(), text);
        Assert.Matches("(?m)^  opencl.*: ", text);
        Assert.Matches("(?m)^  cpu: ", text);
    }

    [Fact]
    public void As_json_it_is_one_object_on_one_line()
    {
        string text = Cli.Run("info", "--json").Out;
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal("cpu", json.RootElement.GetProperty("device").GetString());
        Assert.Equal(SimdLevels.Best.Name(), json.RootElement.GetProperty("simd").GetString());
        Assert.True(json.RootElement.GetProperty("memory_bytes").GetInt64() > 0);
        Assert.Equal(Device.List().Select(device => device.Name), json.RootElement.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("name").GetString()));
    }
}

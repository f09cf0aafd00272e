using System.Reflection;
using Engine.KernelLanguage;
using Engine.Kernels;
using Xunit;

namespace Engine.Tests.Devices;

public sealed class KernelCatalogTests
{
    [Fact]
    public void It_holds_every_kernel_once_or_more()
    {
        IEnumerable<string> kernels = typeof(MultiplyAdds).Assembly.GetTypes()
            .Where(t => t.GetCustomAttribute<KernelAttribute>() is not null).Select(t => t.Name.Split('`')[0]);
        Assert.Equal(kernels.Order(), KernelCatalog.All.Select(k => k.Source!.Name).Distinct().Order());
        Assert.Distinct(KernelCatalog.All.Select(k => k.Name));
    }
}

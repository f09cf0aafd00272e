namespace Engine;

/// <summary>OpenCL's result codes in words.</summary>
internal static class OpenClStatus
{
    public const int Success = 0;
    public const int MemObjectAllocationFailure = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;
    public const int PlatformNotFound = -1001;

    /// <summary>Whether the device had no memory left.</summary>
    public static bool IsOutOfMemory(int status) => status is MemObjectAllocationFailure or OutOfResources or OutOfHostMemory;

    /// <summary>The code's name and number, and what it means where the name does not say so.</summary>
    public static string Describe(int status) => status switch
    {
        -1 => "CL_DEVICE_NOT_FOUND (-1)",
        -2 => "CL_DEVICE_NOT_AVAILABLE (-2): the device is lost or in use by another process",
        -3 => "CL_COMPILER_NOT_AVAILABLE (-3)",
        MemObjectAllocationFailure => "CL_MEM_OBJECT_ALLOCATION_FAILURE (-4): the device is out of memory",
        OutOfResources => "CL_OUT_OF_RESOURCES (-5): the device is out of memory, or the kernel broke off on it",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY (-6): the driver is out of host memory",
        -11 => "CL_BUILD_PROGRAM_FAILURE (-11)",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST (-14): work queued before it failed",
        -30 => "CL_INVALID_VALUE (-30)",
        -34 => "CL_INVALID_CONTEXT (-34)",
        -36 => "CL_INVALID_COMMAND_QUEUE (-36): the device is lost",
        -38 => "CL_INVALID_MEM_OBJECT (-38)",
        -42 => "CL_INVALID_BINARY (-42)",
        -43 => "CL_INVALID_BUILD_OPTIONS (-43)",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE (-45)",
        -46 => "CL_INVALID_KERNEL_NAME (-46)",
        -49 => "CL_INVALID_ARG_INDEX (-49)",
        -50 => "CL_INVALID_ARG_VALUE (-50)",
        -51 => "CL_INVALID_ARG_SIZE (-51): host and device do not agree on the argument's type",
        -52 => "CL_INVALID_KERNEL_ARGS (-52)",
        -54 => "CL_INVALID_WORK_GROUP_SIZE (-54)",
        -55 => "CL_INVALID_WORK_ITEM_SIZE (-55)",
        -61 => "CL_INVALID_BUFFER_SIZE (-61)",
        -63 => "CL_INVALID_GLOBAL_WORK_SIZE (-63)",
        _ => $"OpenCL error {status}",
    };
}

#include "fake_perflib.h"

#include <stdio.h>
#include <string.h>

struct fake_perflib fake;
int failures;

/* What a started provider's handle points to. */
static int provider;

void check_that(int condition, const char *text, int line)
{
    if (!condition) {
        printf("line %d: %s\n", line, text);
        failures++;
    }
}

ULONG WINAPI PerfStartProviderEx(LPGUID guid, PPERF_PROVIDER_CONTEXT context, PHANDLE handle)
{
    fake.starts++;
    fake.provider = *guid;
    fake.context = *context;
    *handle = &provider;
    return fake.start_answer;
}

ULONG WINAPI PerfStartProvider(LPGUID guid, PERFLIBREQUEST callback, PHANDLE handle)
{
    PERF_PROVIDER_CONTEXT context;
    memset(&context, 0, sizeof(context));
    context.ControlCallback = callback;
    fake.plain_starts++;
    return PerfStartProviderEx(guid, &context, handle);
}

ULONG WINAPI PerfStopProvider(HANDLE handle)
{
    CHECK(handle == &provider);
    fake.stops++;
    return ERROR_SUCCESS;
}

ULONG WINAPI PerfSetCounterSetInfo(HANDLE handle, PPERF_COUNTERSET_INFO information, ULONG size)
{
    CHECK(handle == &provider);
    fake.sets++;
    CHECK(size <= sizeof(fake.template_copy));
    fake.template_size = size;
    memcpy(fake.template_copy, information, size);
    return fake.sets == fake.failing_set ? 183 : ERROR_SUCCESS;
}

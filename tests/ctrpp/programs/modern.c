/*
 * The modern header of manifests/demopool.man, symbol for symbol and value for value, and the life of CounterInitialize and
 * CounterCleanup. A C and a C++ program; modern_other.c is its second translation unit.
 */
#include "fake_perflib.h"

#include "demopool.h"
#include "demopool_symbols.h"

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
HANDLE other_handle(void);
GUID *other_guid(void);
void other_cleanup(void);
#ifdef __cplusplus
}
#endif

static const GUID provider_guid = {0x0f1e2d3c, 0x0001, 0x4a00, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0x01}};
static const GUID set_guid = {0x0f1e2d3c, 0x0002, 0x4a00, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0x02}};

#if DEMO_LIVE != 1 || DEMO_BYTES != 2
#error the ids are not numbers that the preprocessor can use
#endif

static LPVOID CALLBACK allocate(SIZE_T size, LPVOID context)
{
    (void)size;
    return context;
}

static void CALLBACK release(LPVOID block, LPVOID context)
{
    (void)block;
    (void)context;
}

static ULONG WINAPI notified(ULONG request, PVOID buffer, ULONG size)
{
    (void)buffer;
    return request + size;
}

static int is_record(const PERF_COUNTER_INFO *record, ULONG id, ULONG type, ULONGLONG attributes, ULONG size, ULONG detail,
                     LONG scale)
{
    return record->CounterId == id && record->Type == type && record->Attrib == attributes && record->Size == size &&
           record->DetailLevel == detail && record->Scale == scale && record->Offset == 0;
}

static void check_values(void)
{
    CHECK(memcmp(&DemoPoolGuid, &provider_guid, sizeof(GUID)) == 0);
    CHECK(memcmp(&DemoPoolSetGuid, &set_guid, sizeof(GUID)) == 0);
    CHECK(DemoPool == NULL);
    CHECK(sizeof(DemoPoolSetInfo) == 104);
    CHECK(memcmp(&DemoPoolSetInfo.CounterSet.CounterSetGuid, &set_guid, sizeof(GUID)) == 0);
    CHECK(memcmp(&DemoPoolSetInfo.CounterSet.ProviderGuid, &provider_guid, sizeof(GUID)) == 0);
    CHECK(DemoPoolSetInfo.CounterSet.NumCounters == 2);
    CHECK(DemoPoolSetInfo.CounterSet.InstanceType == 2);
    CHECK(is_record(&DemoPoolSetInfo.Counter0, 1, 0x00010000, 0, 4, 100, 0));
    CHECK(is_record(&DemoPoolSetInfo.Counter1, 2, 0x00010100, 1, 8, 200, -3));
    CHECK((char *)&DemoPoolSetInfo.Counter0 - (char *)&DemoPoolSetInfo == 40);
    CHECK((char *)&DemoPoolSetInfo.Counter1 - (char *)&DemoPoolSetInfo == 72);

    static const GUID symbols[] = {DemoPool_GUID, DemoPoolSet_GUID};
    static const WCHAR name[] = DemoPoolSet_NAME;
    CHECK(memcmp(&symbols[0], &provider_guid, sizeof(GUID)) == 0 && memcmp(&symbols[1], &set_guid, sizeof(GUID)) == 0);
    CHECK(sizeof(name) == 2 * sizeof("Demo Pool") && name[0] == 'D' && name[8] == 'l');
}

static void check_life(void)
{
    ULONG (*initialize)(PERFLIBREQUEST, PERF_MEM_ALLOC, PERF_MEM_FREE, PVOID) = CounterInitialize;
    VOID (*cleanup)(VOID) = CounterCleanup;
    int pool = 0;

    cleanup();
    CHECK(fake.stops == 0);
    CHECK(initialize(notified, allocate, release, &pool) == ERROR_SUCCESS);
    CHECK(fake.starts == 1 && fake.plain_starts == 0 && fake.sets == 1 && DemoPool != NULL);
    CHECK(memcmp(&fake.provider, &provider_guid, sizeof(GUID)) == 0);
    CHECK(fake.context.ContextSize == sizeof(PERF_PROVIDER_CONTEXT) && fake.context.Reserved == 0);
    CHECK(fake.context.ControlCallback == notified && fake.context.pMemContext == &pool);
    CHECK(fake.context.MemAllocRoutine == allocate && fake.context.MemFreeRoutine == release);
    CHECK(fake.template_size == 104 && memcmp(fake.template_copy, &DemoPoolSetInfo, 104) == 0);
    CHECK(other_handle() == DemoPool && other_guid() == &DemoPoolGuid);
    other_cleanup();
    CHECK(fake.stops == 1 && DemoPool == NULL);
    cleanup();
    CHECK(fake.stops == 1);

    fake.start_answer = ERROR_NOT_ENOUGH_MEMORY;
    CHECK(initialize(NULL, NULL, NULL, NULL) == ERROR_NOT_ENOUGH_MEMORY);
    CHECK(DemoPool == NULL && fake.sets == 1 && fake.stops == 1);
    CHECK(fake.context.ControlCallback == NULL && fake.context.MemAllocRoutine == NULL && fake.context.pMemContext == NULL);
    fake.start_answer = ERROR_SUCCESS;
    fake.failing_set = 2;
    CHECK(initialize(NULL, NULL, NULL, NULL) == 183);
    CHECK(DemoPool == NULL && fake.sets == 2 && fake.stops == 2);
}

int main(void)
{
    check_values();
    check_life();
    return failures;
}

/*
 * The legacy files of manifests/demopool.man: symbols, values, and the life of PerfAutoInitialize and PerfAutoCleanup. With
 * MEMORY_ROUTINES defined, for -legacy -MemoryRoutines.
 */
#include "fake_perflib.h"

#include "demopool.h"
#include "demopool_r.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
LPVOID CALLBACK AllocateMemory(SIZE_T size, LPVOID context);
void CALLBACK FreeMemory(LPVOID block, LPVOID context);
LPVOID CALLBACK AllocateMemory(SIZE_T size, LPVOID context)
{
    (void)size;
    return context;
}

void CALLBACK FreeMemory(LPVOID block, LPVOID context)
{
    (void)block;
    (void)context;
}
#ifdef __cplusplus
}
#endif

static const GUID provider_guid = {0x0f1e2d3c, 0x0001, 0x4a00, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0x01}};
static const GUID set_guid = {0x0f1e2d3c, 0x0002, 0x4a00, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0x02}};

#if IDS_demopool_00001 != 1 || IDS_demopool_00011 != 11
#error the ids of strings are wrong
#endif
#ifdef PROVIDER_GUID_demopool_1
#error the definitions are for the generated source only
#endif

static int is_record(const PERF_COUNTER_INFO *record, ULONG id, ULONG type, ULONGLONG attributes, ULONG size, LONG scale,
                     ULONG offset)
{
    return record->CounterId == id && record->Type == type && record->Attrib == attributes && record->Size == size &&
           record->Scale == scale && record->Offset == offset;
}

static void check_values(void)
{
    struct _CTRSET_demopool_1_1 *by_tag = &CtrSet_demopool_1_1;
    PCTRSET_demopool_1_1 set = by_tag;
    CTRSET_demopool_1_1 copy = *set;
    CHECK(memcmp(&ProviderGuid_demopool_1, &provider_guid, sizeof(GUID)) == 0);
    CHECK(memcmp(&CtrSetGuid_demopool_1_1, &set_guid, sizeof(GUID)) == 0);
    CHECK(memcmp(&copy.CtSet_demopool_1_1.CounterSetGuid, &set_guid, sizeof(GUID)) == 0);
    CHECK(memcmp(&copy.CtSet_demopool_1_1.ProviderGuid, &provider_guid, sizeof(GUID)) == 0);
    CHECK(copy.CtSet_demopool_1_1.NumCounters == 2 && copy.CtSet_demopool_1_1.InstanceType == 2);
    CHECK(is_record(&copy.Ctr_demopool_1_1_1, 1, 0x00010000, 0, 4, 0, 0));
    CHECK(is_record(&copy.Ctr_demopool_1_1_2, 2, 0x00010100, 1, sizeof(LPVOID), -3, 8));
    CHECK(copy.Ctr_demopool_1_1_1.DetailLevel == 100 && copy.Ctr_demopool_1_1_2.DetailLevel == 200);
    CHECK(dwCtrSet_demopool_1_1 == 104);
    CHECK(hDataSource_demopool_1 == NULL);
}

static void check_context(void)
{
#ifdef MEMORY_ROUTINES
    CHECK(fake.plain_starts == 0 && fake.context.ContextSize == sizeof(PERF_PROVIDER_CONTEXT) && fake.context.Reserved == 0);
    CHECK(fake.context.MemAllocRoutine == AllocateMemory && fake.context.MemFreeRoutine == FreeMemory);
    CHECK(fake.context.pMemContext == &failures);
#else
    CHECK(fake.plain_starts == fake.starts);
#endif
}

static void check_callback(void)
{
    static const ULONG codes[] = {PERF_ADD_COUNTER,   PERF_REMOVE_COUNTER, PERF_ENUM_INSTANCES,
                                  PERF_COLLECT_START, PERF_COLLECT_END,    PERF_FILTER};
    CHECK(fake.context.ControlCallback != NULL);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        CHECK(fake.context.ControlCallback(codes[i], NULL, 0) == ERROR_SUCCESS);
    CHECK(fake.context.ControlCallback(4, NULL, 0) == ERROR_INVALID_PARAMETER);
}

int main(void)
{
    ULONG (*initialize)(void) = PerfAutoInitialize;
    ULONG (*cleanup)(void) = PerfAutoCleanup;
    check_values();
    CHECK(cleanup() == ERROR_SUCCESS && fake.stops == 0);
#ifdef MEMORY_ROUTINES
    CHECK(pMemContext_demopool_1 == NULL);
    pMemContext_demopool_1 = &failures;
#endif
    CHECK(initialize() == ERROR_SUCCESS);
    CHECK(fake.starts == 1 && fake.sets == 1 && hDataSource_demopool_1 != NULL);
    CHECK(fake.template_size == 104 && memcmp(fake.template_copy, &CtrSet_demopool_1_1, 104) == 0);
    check_context();
    check_callback();
    CHECK(cleanup() == ERROR_SUCCESS && fake.stops == 1 && hDataSource_demopool_1 == NULL);

    fake.start_answer = ERROR_OUTOFMEMORY;
    CHECK(initialize() == ERROR_OUTOFMEMORY && hDataSource_demopool_1 == NULL && fake.stops == 1);
    fake.start_answer = ERROR_SUCCESS;
    fake.failing_set = 2;
    CHECK(initialize() == 183 && hDataSource_demopool_1 == NULL && fake.stops == 2);
    return failures;
}

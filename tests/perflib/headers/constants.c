/* Compiled by check-headers as C and as C++: every constant has its documented value, every structure its size. */
#include <perfpool_perflib.h>

#include <assert.h>
#include <stddef.h>

/* Without a perflib.h there are the constants alone. */
#if defined(_WIN32) || defined(_INC_PERFLIB)
#define HAS_TYPES 1
#endif

static_assert(PERF_PROVIDER_USER_MODE == 0, "");
static_assert(PERF_PROVIDER_KERNEL_MODE == 1, "");
static_assert(PERF_PROVIDER_DRIVER == 2, "");
static_assert(PERF_COUNTERSET_FLAG_MULTIPLE == 2, "");
static_assert(PERF_COUNTERSET_FLAG_AGGREGATE == 4, "");
static_assert(PERF_COUNTERSET_FLAG_HISTORY == 8, "");
static_assert(PERF_COUNTERSET_FLAG_INSTANCE == 16, "");
static_assert(PERF_COUNTERSET_SINGLE_INSTANCE == 0, "");
static_assert(PERF_COUNTERSET_MULTI_INSTANCES == 2, "");
static_assert(PERF_COUNTERSET_SINGLE_AGGREGATE == 4, "");
static_assert(PERF_COUNTERSET_MULTI_AGGREGATE == 6, "");
static_assert(PERF_COUNTERSET_SINGLE_AGGREGATE_HISTORY == 12, "");
static_assert(PERF_COUNTERSET_INSTANCE_AGGREGATE == 22, "");
static_assert(PERF_AGGREGATE_UNDEFINED == 0, "");
static_assert(PERF_AGGREGATE_TOTAL == 1, "");
static_assert(PERF_AGGREGATE_AVG == 2, "");
static_assert(PERF_AGGREGATE_MIN == 3, "");
static_assert(PERF_AGGREGATE_MAX == 4, "");
static_assert(PERF_ATTRIB_BY_REFERENCE == 0x1, "");
static_assert(PERF_ATTRIB_NO_DISPLAYABLE == 0x2, "");
static_assert(PERF_ATTRIB_NO_GROUP_SEPARATOR == 0x4, "");
static_assert(PERF_ATTRIB_DISPLAY_AS_REAL == 0x8, "");
static_assert(PERF_ATTRIB_DISPLAY_AS_HEX == 0x10, "");
static_assert(PERF_ADD_COUNTER == 1, "");
static_assert(PERF_REMOVE_COUNTER == 2, "");
static_assert(PERF_ENUM_INSTANCES == 3, "");
static_assert(PERF_COLLECT_START == 5, "");
static_assert(PERF_COLLECT_END == 6, "");
static_assert(PERF_FILTER == 9, "");
static_assert(PERF_WILDCARD_COUNTER == 0xFFFFFFFF, "");
static_assert(PERF_MAX_INSTANCE_NAME == 1024, "");
static_assert(PERF_DETAIL_NOVICE == 100, "");
static_assert(PERF_DETAIL_ADVANCED == 200, "");
static_assert(PERF_DETAIL_EXPERT == 300, "");
static_assert(PERF_DETAIL_WIZARD == 400, "");

/* Attributes widen to 64 bits whichever way they are combined. */
static_assert((~PERF_ATTRIB_BY_REFERENCE & 0xFFFFFFFF00000001ULL) == 0xFFFFFFFF00000000ULL, "");
static_assert(sizeof(PERF_WILDCARD_INSTANCE) == 4, "");
static_assert(sizeof(PERF_AGGREGATE_INSTANCE) == 14, "");

#ifdef HAS_TYPES
static_assert(sizeof(PERF_PROVIDER_CONTEXT) == (sizeof(void *) == 8 ? 40 : 24), "");
static_assert(offsetof(PERF_PROVIDER_CONTEXT, ControlCallback) == 8, "");
static_assert(offsetof(PERF_PROVIDER_CONTEXT, MemAllocRoutine) == 8 + sizeof(void *), "");
static_assert(offsetof(PERF_PROVIDER_CONTEXT, MemFreeRoutine) == 8 + 2 * sizeof(void *), "");
static_assert(offsetof(PERF_PROVIDER_CONTEXT, pMemContext) == 8 + 3 * sizeof(void *), "");
static_assert(sizeof(PERF_COUNTERSET_INFO) == 40, "");
static_assert(offsetof(PERF_COUNTERSET_INFO, ProviderGuid) == 16, "");
static_assert(offsetof(PERF_COUNTERSET_INFO, NumCounters) == 32, "");
static_assert(offsetof(PERF_COUNTERSET_INFO, InstanceType) == 36, "");
static_assert(sizeof(PERF_COUNTER_INFO) == 32, "");
static_assert(offsetof(PERF_COUNTER_INFO, Attrib) == 8, "");
static_assert(offsetof(PERF_COUNTER_INFO, Size) == 16, "");
static_assert(offsetof(PERF_COUNTER_INFO, Offset) == 28, "");
static_assert(sizeof(PERF_COUNTERSET_INSTANCE) == 32, "");
static_assert(offsetof(PERF_COUNTERSET_INSTANCE, dwSize) == 16, "");
static_assert(offsetof(PERF_COUNTERSET_INSTANCE, InstanceNameSize) == 28, "");
static_assert(sizeof(PERF_COUNTER_IDENTITY) == 40, "");
static_assert(offsetof(PERF_COUNTER_IDENTITY, NameOffset) == 32, "");
static_assert(PERF_COUNTER_RAWCOUNT == 0x00010000, "");
static_assert(PERF_COUNTER_LARGE_RAWCOUNT == 0x00010100, "");
static_assert(PERF_COUNTER_RAWCOUNT_HEX == 0x00000000, "");
static_assert(PERF_COUNTER_LARGE_RAWCOUNT_HEX == 0x00000100, "");
static_assert(PERF_COUNTER_COUNTER == 0x10410400, "");
static_assert(PERF_COUNTER_BULK_COUNT == 0x10410500, "");
static_assert(PERF_COUNTER_DELTA == 0x00400400, "");
static_assert(PERF_COUNTER_LARGE_DELTA == 0x00400500, "");
static_assert(PERF_COUNTER_TIMER == 0x20410500, "");
static_assert(PERF_COUNTER_TIMER_INV == 0x21410500, "");
static_assert(PERF_100NSEC_TIMER == 0x20510500, "");
static_assert(PERF_100NSEC_TIMER_INV == 0x21510500, "");
static_assert(PERF_OBJ_TIME_TIMER == 0x20610500, "");
static_assert(PERF_COUNTER_MULTI_TIMER == 0x22410500, "");
static_assert(PERF_COUNTER_MULTI_TIMER_INV == 0x23410500, "");
static_assert(PERF_100NSEC_MULTI_TIMER == 0x22510500, "");
static_assert(PERF_100NSEC_MULTI_TIMER_INV == 0x23510500, "");
static_assert(PERF_COUNTER_MULTI_BASE == 0x42030500, "");
static_assert(PERF_COUNTER_QUEUELEN_TYPE == 0x00450400, "");
static_assert(PERF_COUNTER_LARGE_QUEUELEN_TYPE == 0x00450500, "");
static_assert(PERF_COUNTER_100NS_QUEUELEN_TYPE == 0x00550500, "");
static_assert(PERF_COUNTER_OBJ_TIME_QUEUELEN_TYPE == 0x00650500, "");
static_assert(PERF_SAMPLE_COUNTER == 0x00410400, "");
static_assert(PERF_SAMPLE_FRACTION == 0x20C20400, "");
static_assert(PERF_SAMPLE_BASE == 0x40030401, "");
static_assert(PERF_AVERAGE_TIMER == 0x30020400, "");
static_assert(PERF_AVERAGE_BULK == 0x40020500, "");
static_assert(PERF_AVERAGE_BASE == 0x40030402, "");
static_assert(PERF_RAW_FRACTION == 0x20020400, "");
static_assert(PERF_LARGE_RAW_FRACTION == 0x20020500, "");
static_assert(PERF_RAW_BASE == 0x40030403, "");
static_assert(PERF_LARGE_RAW_BASE == 0x40030500, "");
static_assert(PERF_ELAPSED_TIME == 0x30240500, "");
static_assert(PERF_PRECISION_SYSTEM_TIMER == 0x20470500, "");
static_assert(PERF_PRECISION_100NS_TIMER == 0x20570500, "");
static_assert(PERF_PRECISION_OBJECT_TIMER == 0x20670500, "");
static_assert(PERF_COUNTER_TEXT == 0x00000B00, "");
#endif

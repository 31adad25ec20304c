#include "tables.h"

#include <string.h>

const struct word instance_words[] = {
    {"single", "PERF_COUNTERSET_SINGLE_INSTANCE", 0},
    {"multiple", "PERF_COUNTERSET_MULTI_INSTANCES", 2},
    {"globalAggregate", "PERF_COUNTERSET_SINGLE_AGGREGATE", 4},
    {"multipleAggregate", "PERF_COUNTERSET_MULTI_AGGREGATE", 6},
    {"globalAggregateHistory", "PERF_COUNTERSET_SINGLE_AGGREGATE_HISTORY", 12},
    {NULL, NULL, 0},
};

const struct word attribute_words[] = {
    {"reference", "PERF_ATTRIB_BY_REFERENCE", ATTRIBUTE_REFERENCE},
    {"noDisplay", "PERF_ATTRIB_NO_DISPLAYABLE", ATTRIBUTE_NO_DISPLAY},
    {"noDigitGrouping", "PERF_ATTRIB_NO_GROUP_SEPARATOR", 0x4},
    {"displayAsReal", "PERF_ATTRIB_DISPLAY_AS_REAL", 0x8},
    {"displayAsHex", "PERF_ATTRIB_DISPLAY_AS_HEX", 0x10},
    {NULL, NULL, 0},
};

const struct word detail_words[] = {
    {"standard", "PERF_DETAIL_NOVICE", 100},
    {"advanced", "PERF_DETAIL_ADVANCED", 200},
    {NULL, NULL, 0},
};

const struct word aggregate_words[] = {
    {"undefined", NULL, 0}, {"sum", NULL, 1}, {"avg", NULL, 2}, {"min", NULL, 3}, {"max", NULL, 4}, {NULL, NULL, 0},
};

const struct word callback_words[] = {{"default", NULL, 0}, {"custom", NULL, 1}, {NULL, NULL, 0}};
const struct word provider_words[] = {{"userMode", NULL, 0}, {"kernelMode", NULL, 1}, {NULL, NULL, 0}};

const struct counter_type counter_types[] = {
    {"perf_counter_rawcount", "PERF_COUNTER_RAWCOUNT", 0x00010000, 4, 0, NULL},
    {"perf_counter_large_rawcount", "PERF_COUNTER_LARGE_RAWCOUNT", 0x00010100, 8, 0, NULL},
    {"perf_counter_rawcount_hex", "PERF_COUNTER_RAWCOUNT_HEX", 0x00000000, 4, 0, NULL},
    {"perf_counter_large_rawcount_hex", "PERF_COUNTER_LARGE_RAWCOUNT_HEX", 0x00000100, 8, 0, NULL},
    {"perf_counter_counter", "PERF_COUNTER_COUNTER", 0x10410400, 4, 0, NULL},
    {"perf_counter_bulk_count", "PERF_COUNTER_BULK_COUNT", 0x10410500, 8, 0, NULL},
    {"perf_counter_delta", "PERF_COUNTER_DELTA", 0x00400400, 4, 0, NULL},
    {"perf_counter_large_delta", "PERF_COUNTER_LARGE_DELTA", 0x00400500, 8, 0, NULL},
    {"perf_counter_timer", "PERF_COUNTER_TIMER", 0x20410500, 8, 0, NULL},
    {"perf_counter_timer_inv", "PERF_COUNTER_TIMER_INV", 0x21410500, 8, 0, NULL},
    {"perf_100nsec_timer", "PERF_100NSEC_TIMER", 0x20510500, 8, 0, NULL},
    {"perf_100nsec_timer_inv", "PERF_100NSEC_TIMER_INV", 0x21510500, 8, 0, NULL},
    {"perf_obj_time_timer", "PERF_OBJ_TIME_TIMER", 0x20610500, 8, NEED_TIME, NULL},
    {"perf_counter_multi_timer", "PERF_COUNTER_MULTI_TIMER", 0x22410500, 8, NEED_MULTI, NULL},
    {"perf_counter_multi_timer_inv", "PERF_COUNTER_MULTI_TIMER_INV", 0x23410500, 8, NEED_BASE | NEED_MULTI,
     "perf_counter_multi_base"},
    {"perf_100nsec_multi_timer", "PERF_100NSEC_MULTI_TIMER", 0x22510500, 8, NEED_MULTI, NULL},
    {"perf_100nsec_multi_timer_inv", "PERF_100NSEC_MULTI_TIMER_INV", 0x23510500, 8, NEED_BASE | NEED_MULTI,
     "perf_counter_multi_base"},
    {"perf_counter_multi_base", "PERF_COUNTER_MULTI_BASE", 0x42030500, 8, 0, NULL},
    {"perf_counter_queuelen_type", "PERF_COUNTER_QUEUELEN_TYPE", 0x00450400, 4, 0, NULL},
    {"perf_counter_large_queuelen_type", "PERF_COUNTER_LARGE_QUEUELEN_TYPE", 0x00450500, 8, 0, NULL},
    {"perf_counter_100ns_queuelen_type", "PERF_COUNTER_100NS_QUEUELEN_TYPE", 0x00550500, 8, 0, NULL},
    {"perf_counter_obj_time_queuelen_type", "PERF_COUNTER_OBJ_TIME_QUEUELEN_TYPE", 0x00650500, 8, NEED_TIME, NULL},
    {"perf_sample_counter", "PERF_SAMPLE_COUNTER", 0x00410400, 4, 0, NULL},
    {"perf_sample_fraction", "PERF_SAMPLE_FRACTION", 0x20C20400, 4, NEED_BASE, "perf_sample_base"},
    {"perf_sample_base", "PERF_SAMPLE_BASE", 0x40030401, 4, 0, NULL},
    {"perf_average_timer", "PERF_AVERAGE_TIMER", 0x30020400, 4, NEED_BASE, "perf_average_base"},
    {"perf_average_bulk", "PERF_AVERAGE_BULK", 0x40020500, 8, NEED_BASE, "perf_average_base"},
    {"perf_average_base", "PERF_AVERAGE_BASE", 0x40030402, 4, 0, NULL},
    {"perf_raw_fraction", "PERF_RAW_FRACTION", 0x20020400, 4, NEED_BASE, "perf_raw_base"},
    {"perf_large_raw_fraction", "PERF_LARGE_RAW_FRACTION", 0x20020500, 8, NEED_BASE, "perf_large_raw_base"},
    {"perf_raw_base", "PERF_RAW_BASE", 0x40030403, 4, 0, NULL},
    {"perf_large_raw_base", "PERF_LARGE_RAW_BASE", 0x40030500, 8, 0, NULL},
    {"perf_elapsed_time", "PERF_ELAPSED_TIME", 0x30240500, 8, NEED_TIME, NULL},
    {"perf_precision_system_timer", "PERF_PRECISION_SYSTEM_TIMER", 0x20470500, 8, NEED_BASE, "perf_large_raw_base"},
    {"perf_precision_100ns_timer", "PERF_PRECISION_100NS_TIMER", 0x20570500, 8, NEED_BASE, "perf_large_raw_base"},
    {"perf_precision_object_timer", "PERF_PRECISION_OBJECT_TIMER", 0x20670500, 8, NEED_BASE | NEED_TIME, "perf_large_raw_base"},
    {"perf_counter_text", "PERF_COUNTER_TEXT", 0x00000B00, 0, 0, NULL},
    {"perf_counter_composite", "PERF_COUNTER_COMPOSITE", 0, 0, 0, NULL},
};
const size_t counter_type_count = sizeof(counter_types) / sizeof(counter_types[0]);

const struct constant perflib_constants[] = {
    {"PERF_PROVIDER_USER_MODE", "0"},
    {"PERF_PROVIDER_KERNEL_MODE", "1"},
    {"PERF_PROVIDER_DRIVER", "2"},
    {"PERF_COUNTERSET_FLAG_MULTIPLE", "2"},
    {"PERF_COUNTERSET_FLAG_AGGREGATE", "4"},
    {"PERF_COUNTERSET_FLAG_HISTORY", "8"},
    {"PERF_COUNTERSET_FLAG_INSTANCE", "16"},
    {"PERF_COUNTERSET_SINGLE_INSTANCE", "0"},
    {"PERF_COUNTERSET_MULTI_INSTANCES", "2"},
    {"PERF_COUNTERSET_SINGLE_AGGREGATE", "4"},
    {"PERF_COUNTERSET_MULTI_AGGREGATE", "6"},
    {"PERF_COUNTERSET_SINGLE_AGGREGATE_HISTORY", "12"},
    {"PERF_COUNTERSET_INSTANCE_AGGREGATE", "22"},
    {"PERF_AGGREGATE_UNDEFINED", "0"},
    {"PERF_AGGREGATE_TOTAL", "1"},
    {"PERF_AGGREGATE_AVG", "2"},
    {"PERF_AGGREGATE_MIN", "3"},
    {"PERF_AGGREGATE_MAX", "4"},
    {"PERF_ATTRIB_BY_REFERENCE", "0x00000001"},
    {"PERF_ATTRIB_NO_DISPLAYABLE", "0x00000002"},
    {"PERF_ATTRIB_NO_GROUP_SEPARATOR", "0x00000004"},
    {"PERF_ATTRIB_DISPLAY_AS_REAL", "0x00000008"},
    {"PERF_ATTRIB_DISPLAY_AS_HEX", "0x00000010"},
    {"PERF_ADD_COUNTER", "1"},
    {"PERF_REMOVE_COUNTER", "2"},
    {"PERF_ENUM_INSTANCES", "3"},
    {"PERF_COLLECT_START", "5"},
    {"PERF_COLLECT_END", "6"},
    {"PERF_FILTER", "9"},
    {"PERF_WILDCARD_COUNTER", "0xFFFFFFFF"},
    {"PERF_WILDCARD_INSTANCE", "L\"*\""},
    {"PERF_AGGREGATE_INSTANCE", "L\"_Total\""},
    {"PERF_MAX_INSTANCE_NAME", "1024"},
};
const size_t perflib_constant_count = sizeof(perflib_constants) / sizeof(perflib_constants[0]);

const struct word *find_word(const struct word *words, const char *name)
{
    for (; words->name != NULL; words++) {
        if (strcmp(words->name, name) == 0)
            return words;
    }
    return NULL;
}

const struct word *find_word_by_value(const struct word *words, uint32_t value)
{
    for (; words->name != NULL; words++) {
        if (words->value == value)
            return words;
    }
    return NULL;
}

const struct counter_type *find_counter_type(const char *name)
{
    for (size_t i = 0; i < counter_type_count; i++) {
        if (strcmp(counter_types[i].name, name) == 0)
            return &counter_types[i];
    }
    return NULL;
}

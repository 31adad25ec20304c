/* The leak report of examples/leak-report: it names instances, and believes no block that is none. */
#include "leak_report.h"

#include "harness.h"
#include "perflib_headers.h"
#include "support/generator.h"
#include "support/heaps.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const GUID set_guid = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID other_guid = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 9}};
static const struct leak_report_set sets[] = {{&set_guid, "Set"}};

enum { BLOCK = 512 };

/* An instance of so many counters at the start of a block of BLOCK bytes; returns the header. */
static PERF_COUNTERSET_INSTANCE *make_instance(char *block, size_t offset, ULONG counters, const WCHAR *name)
{
    PERF_COUNTERSET_INSTANCE *instance = (PERF_COUNTERSET_INSTANCE *)(void *)(block + offset);
    ULONG length = 0;

    memset(block, 0, BLOCK);
    while (name[length] != 0) {
        length++;
    }
    instance->CounterSetGuid = set_guid;
    instance->InstanceId = 77;
    instance->InstanceNameOffset = (ULONG)sizeof *instance + 8 * counters;
    instance->InstanceNameSize = (ULONG)sizeof(WCHAR) * (length + 1);
    instance->dwSize = (instance->InstanceNameOffset + instance->InstanceNameSize + 7) / 8 * 8;
    memcpy(block + offset + instance->InstanceNameOffset, name, instance->InstanceNameSize);
    return instance;
}

static _Alignas(16) char block[BLOCK];
static struct leak_report_instance found;

static bool decode(size_t size)
{
    memset(&found, 0, sizeof found);
    return leak_report_decode(block, size, sets, 1, &found);
}

START_TEST(an_instance_is_read)
{
    PERF_COUNTERSET_INSTANCE *instance = make_instance(block, 0, 3, WIDE("one"));

    ck_assert(decode(BLOCK));
    ck_assert_str_eq(found.name, "one");
    ck_assert_uint_eq(found.id, 77);
    ck_assert_uint_eq(found.size, 64);
    ck_assert_uint_eq(found.offset, 0);
    ck_assert_mem_eq(&found.set, &set_guid, sizeof set_guid);
    ck_assert(decode(instance->dwSize));
    ck_assert(!decode(instance->dwSize - 1U));
    /* Any set is right if none is given. */
    instance->CounterSetGuid = other_guid;
    ck_assert(!decode(BLOCK));
    ck_assert(leak_report_decode(block, BLOCK, NULL, 0, &found));
}
END_TEST

START_TEST(an_instance_behind_a_prefix_is_read)
{
    make_instance(block, 24, 1, WIDE(""));
    ck_assert(decode(BLOCK));
    ck_assert_uint_eq(found.offset, 24);
    ck_assert_str_eq(found.name, "");
    make_instance(block, 128, 1, WIDE("far"));
    ck_assert(!decode(BLOCK));
}
END_TEST

START_TEST(names_are_utf8_and_escaped)
{
    static const WCHAR name[] = {'a', '"', '\\', '\n', 0xFC, 0x20AC, 0xD83D, 0xDE00, 0xD83D, 'z', 0xDE00, 0};

    make_instance(block, 0, 1, name);
    ck_assert(decode(BLOCK));
    ck_assert_str_eq(found.name, "a\\u0022\\u005C\\u000A\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\\uD83Dz\\uDE00");
}
END_TEST

/* Each field that disagrees with the others makes it no instance. */
START_TEST(unsound_headers_are_no_instances)
{
    PERF_COUNTERSET_INSTANCE *instance;

    for (int step = -9; step <= 9; step++) {
        if (step == 0) {
            continue;
        }
        instance = make_instance(block, 0, 3, WIDE("one"));
        instance->dwSize += (ULONG)step;
        ck_assert_msg(!decode(BLOCK), "dwSize %+d", step);
        instance = make_instance(block, 0, 3, WIDE("one"));
        instance->InstanceNameOffset += (ULONG)step;
        ck_assert_msg(!decode(BLOCK), "InstanceNameOffset %+d", step);
        instance = make_instance(block, 0, 3, WIDE("one"));
        instance->InstanceNameSize += (ULONG)step;
        ck_assert_msg(!decode(BLOCK), "InstanceNameSize %+d", step);
    }
    make_instance(block, 0, 0, WIDE("no counters"));
    ck_assert(!decode(BLOCK));
    instance = make_instance(block, 0, 3, WIDE("one"));
    memset((char *)instance + instance->InstanceNameOffset + 2, 0, 2);
    ck_assert(!decode(BLOCK));
    instance = make_instance(block, 0, 3, WIDE("one"));
    memset((char *)instance + instance->InstanceNameOffset, 'x', instance->InstanceNameSize);
    ck_assert(!decode(BLOCK));
}
END_TEST

/* Memory checkers see reads beyond a block, so each block has exactly the bytes that are promised. */
START_TEST(nothing_is_read_beyond_a_block)
{
    struct generator random = generator_make(generator_seed("nothing_is_read_beyond_a_block"), 0);
    unsigned instances = 0;

    for (int round = 0; round < 100000; round++) {
        size_t size = generator_below(&random, 200);
        char *exact = malloc(size + 1);

        ck_assert_ptr_nonnull(exact);
        make_instance(block, 8 * generator_below(&random, 4), (ULONG)generator_below(&random, 6), WIDE("somebody"));
        for (size_t change = generator_below(&random, 3); change > 0; change--) {
            block[generator_below(&random, 96)] = (char)generator_below(&random, 256);
        }
        memcpy(exact, block, size);
        if (leak_report_decode(exact, size, NULL, 0, &found)) {
            ck_assert_uint_le(found.offset + found.size, size);
            instances++;
        }
        free(exact);
    }
    ck_assert_uint_gt(instances, 1000);
}
END_TEST

/* What the report prints of a heap, in `text`; returns what the report returned. */
static size_t print_report(size_t (*report)(FILE *, perfpool_heap *, const struct leak_report_set *, size_t), perfpool_heap *heap,
                           char *text, size_t size)
{
    FILE *file = tmpfile();
    size_t printed;
    size_t length;

    ck_assert_ptr_nonnull(file);
    printed = report(file, heap, sets, 1);
    rewind(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return printed;
}

static void fill_heap(perfpool_heap *heap)
{
    char *instance = AllocateMemory(BLOCK, heap);

    ck_assert_ptr_nonnull(instance);
    make_instance(instance, 0, 2, WIDE("a client"));
    ck_assert_ptr_nonnull(AllocateMemory(10, heap));
    ck_assert_ptr_nonnull(AllocateMemory(100000, heap));
}

START_TEST(the_report_names_what_is_left)
{
    perfpool_heap *heap = heap_make(0);
    char text[4096];

    fill_heap(heap);
    ck_assert_uint_eq(print_report(leak_report_instances, heap, text, sizeof text), 1);
    ck_assert_ptr_eq(strstr(text, "instance \"a client\", id 77, 72 bytes, of set {12345678-9abc-def0-0102-030405060708} Set: "),
                     text);
    ck_assert_ptr_null(strstr(text, "no counter instance"));

    ck_assert_uint_eq(print_report(leak_report_blocks, heap, text, sizeof text), 3);
    ck_assert_ptr_nonnull(strstr(text, "instance \"a client\""));
    ck_assert_ptr_nonnull(strstr(text, "no counter instance: block "));
    ck_assert_ptr_nonnull(strstr(text, " of 64 bytes\n"));
    ck_assert_uint_eq(perfpool_heap_destroy(heap, PERFPOOL_DESTROY_LIVE), 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("leak_report");
    TCase *headers = tcase_create("headers");
    TCase *report = tcase_create("report");

    tcase_add_test(headers, an_instance_is_read);
    tcase_add_test(headers, an_instance_behind_a_prefix_is_read);
    tcase_add_test(headers, names_are_utf8_and_escaped);
    tcase_add_test(headers, unsound_headers_are_no_instances);
    tcase_add_test(headers, nothing_is_read_beyond_a_block);
    suite_add_tcase(suite, headers);
    tcase_add_test(report, the_report_names_what_is_left);
    suite_add_tcase(suite, report);
    return suite;
}

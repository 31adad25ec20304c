/*
 * Pointers into spans that nobody holds, freed by a thread whose pool knows the whole arena: the fast path itself meets a span
 * header of 0. With frees of one class lately, of several, and of none.
 */
#include "perfpool.h"

#include "harness.h"
#include "support/fault_log.h"
#include "support/heap_check.h"
#include "support/heaps.h"

enum { SPAN_BYTES = 64 << 10, ROUNDS = 4000 };

static struct fault_log faults;

static void expect_fault(perfpool_fault_kind kind, const void *block)
{
    ck_assert_uint_eq(fault_log_count(&faults), 1);
    ck_assert_int_eq((int)faults.entries[0].fault.kind, (int)kind);
    ck_assert_ptr_eq(faults.entries[0].fault.block, block);
    fault_log_clear(&faults);
}

/* Frees what nobody holds: a span never claimed, a large block again, a block of a span that went back to the arena. */
static void free_what_nobody_holds(perfpool_heap *heap, char *live)
{
    char *never = live + 20 * (size_t)SPAN_BYTES;
    FreeMemory(never, heap);
    expect_fault(PERFPOOL_FAULT_NOT_ALLOCATED, never);
    void *large = AllocateMemory(3 * SPAN_BYTES, heap);
    ck_assert_ptr_nonnull(large);
    FreeMemory(large, heap);
    FreeMemory(large, heap);
    expect_fault(PERFPOOL_FAULT_DOUBLE_FREE, large);
    void *gone = AllocateMemory(30000, heap);
    ck_assert_ptr_nonnull(gone);
    FreeMemory(gone, heap);
    perfpool_heap_trim(heap); /* its span goes back */
    FreeMemory(live, heap);   /* and the thread's pool is in use again */
    FreeMemory(gone, heap);
    expect_fault(PERFPOOL_FAULT_DOUBLE_FREE, gone);
}

static void allocate_and_free(perfpool_heap *heap, size_t first, size_t second)
{
    for (int i = 0; i < ROUNDS; i++) {
        void *a = AllocateMemory(first, heap);
        void *b = AllocateMemory(second, heap);
        ck_assert(a != NULL && b != NULL);
        FreeMemory(a, heap);
        FreeMemory(b, heap);
    }
}

static const struct {
    size_t first, second; /* sizes freed before */
    int rounds;
} histories[] = {{64, 64, 0}, {64, 64, 1}, {64, 1000, 1}};

START_TEST(spans_that_nobody_holds)
{
    fault_log_clear(&faults);
    perfpool_heap *heap = heap_make_logged("web", 0, &faults);
    char *live = AllocateMemory(64, heap);
    void *other = AllocateMemory(64, heap);
    ck_assert(live != NULL && other != NULL);
    FreeMemory(other, heap);
    for (int i = 0; i < histories[_i].rounds; i++)
        allocate_and_free(heap, histories[_i].first, histories[_i].second);
    free_what_nobody_holds(heap, live);
    check_heap(heap);
    ck_assert_uint_eq(perfpool_heap_destroy(heap, 0), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("wild");
    TCase *cases = tcase_create("spans");
    tcase_add_loop_test(cases, spans_that_nobody_holds, 0, (int)(sizeof histories / sizeof histories[0]));
    suite_add_tcase(suite, cases);
    return suite;
}

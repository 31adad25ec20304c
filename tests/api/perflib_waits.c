/*
 * Who waits for whom: whoever deletes an instance or rebinds its references waits for a consumer that copies it, and the other way
 * round; whoever stops a provider waits for a consumer that is at work in it.
 *
 * The test holds what is waited for, and gives the other thread many chances to pass it.
 */
#include "harness.h"
#include "perflib/consumer_fixture.h"
#include "perflib/internal.h"
#include "perflib/registry.h"
#include "support/require.h"
#include "support/threads.h"

#include <stdatomic.h>

static uint64_t cell = 5;
static atomic_int passed;
static void (*step)(void);

static void run_step(void *argument)
{
    (void)argument;
    step();
    atomic_store(&passed, 1);
}

/* Whether the other thread passes, given time. */
static int passes(void)
{
    enum { CHANCES = 20000 };

    for (int i = 0; i < CHANCES && !atomic_load(&passed); i++)
        thread_yield();
    return atomic_load(&passed);
}

/* The step must not pass while the lock of the instance's stripe is held, and must pass afterwards. */
static void check_waits_for_stripe(void (*waits)(void))
{
    struct index_stripe *stripe = index_stripe_of(provider, one);
    struct thread thread;
    int too_early;

    atomic_store(&passed, 0);
    step = waits;
    lock_take(&stripe->lock);
    thread_start(&thread, run_step, NULL);
    too_early = passes();
    lock_release(&stripe->lock);
    thread_join(&thread);
    ck_assert_int_eq(too_early, 0);
    ck_assert_int_eq(atomic_load(&passed), 1);
}

static void rebind(void)
{
    require(perflib->PerfSetCounterRefValue(provider, one, REFERENCE, &cell) == ERROR_SUCCESS);
}

static void collect_step(void)
{
    const struct perflib_sample *sample;

    require(perflib_query_collect(query, &sample) == ERROR_SUCCESS);
}

static void list_step(void)
{
    const struct perflib_instance *instances;
    size_t n;

    require(perflib_query_instances(query, &set_guid, &instances, &n) == ERROR_SUCCESS);
}

static void delete_one(void)
{
    require(perflib->PerfDeleteInstance(provider, one) == ERROR_SUCCESS);
}

START_TEST(rebinding_waits_for_consumers)
{
    check_waits_for_stripe(rebind);
}
END_TEST

START_TEST(collecting_waits_for_who_rebinds_or_deletes)
{
    add_all();
    check_waits_for_stripe(collect_step);
    check_waits_for_stripe(list_step);
}
END_TEST

START_TEST(deleting_waits_for_consumers)
{
    check_waits_for_stripe(delete_one);
}
END_TEST

/* A second provider, whose callback stays in PERF_COLLECT_START until it is let go. */
static struct semaphore entered;
static struct semaphore let_go;
static HANDLE slow;

static ULONG WINAPI stay(ULONG code, PVOID buffer, ULONG size)
{
    (void)buffer;
    (void)size;
    if (code == PERF_COLLECT_START) {
        semaphore_post(&entered);
        semaphore_wait(&let_go);
    }
    return ERROR_SUCCESS;
}

static void stop_slow(void)
{
    require(perflib->PerfStopProvider(slow) == ERROR_SUCCESS);
}

static void collect_thread(void *argument)
{
    (void)argument;
    collect_step();
}

START_TEST(stopping_waits_for_consumers)
{
    PERF_PROVIDER_CONTEXT context = {sizeof context, 0, stay, NULL, NULL, NULL};
    struct description description = describe(PERF_COUNTERSET_MULTI_INSTANCES);
    struct thread collector;
    struct thread stopper;
    uint64_t serial;
    struct provider *pinned;
    int too_early;

    semaphore_init(&entered);
    semaphore_init(&let_go);
    description.set.CounterSetGuid = other_guid;
    ck_assert_uint_eq(perflib->PerfStartProviderEx(&provider_guid, &context, &slow), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib->PerfSetCounterSetInfo(slow, &description.set, sizeof description), ERROR_SUCCESS);
    ck_assert_uint_eq(perflib_query_add(query, &other_guid, NAME("*"), 0, WIDE), ERROR_SUCCESS);
    serial = ((struct provider *)slow)->memory.owner;
    thread_start(&collector, collect_thread, NULL);
    semaphore_wait(&entered);

    atomic_store(&passed, 0);
    step = stop_slow;
    thread_start(&stopper, run_step, NULL);
    /* Once no consumer finds it any more, the stop has begun. */
    for (pinned = registry_pin(serial); pinned != NULL; pinned = registry_pin(serial)) {
        registry_unpin(pinned);
        thread_yield();
    }
    too_early = passes();
    semaphore_post(&let_go);
    thread_join(&stopper);
    thread_join(&collector);
    ck_assert_int_eq(too_early, 0);
    semaphore_destroy(&entered);
    semaphore_destroy(&let_go);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_waits");
    TCase *waits = tcase_create("waits");

    tcase_add_checked_fixture(waits, consumer_start, consumer_stop);
    tcase_add_test(waits, rebinding_waits_for_consumers);
    tcase_add_test(waits, collecting_waits_for_who_rebinds_or_deletes);
    tcase_add_test(waits, deleting_waits_for_consumers);
    tcase_add_test(waits, stopping_waits_for_consumers);
    suite_add_tcase(suite, waits);
    return suite;
}

/*
 * Delays as long as can be, between any two steps: a thread is stopped before the nth shared access of an operation, for all n, and
 * stays stopped until the others have done everything there is to do on the same heap, to the end. That they come to the end is the
 * proof that nobody waits for the stopped one. Then it goes on from where it was, and the heap's equations must hold.
 */
#include "inject/paused_library.h"

#include "inject/deep.h"
#include "module/internals.h"
#include "support/pattern.h"

#include <stdio.h>

/* Blocks of which a magazine holds 8, so that few accesses lead through every way there is. */
enum { BLOCK = 4096, MARK_BYTES = 64, GIVEN = 40, HALF = GIVEN / 2, NEW = 36, LARGER = 3 << 16, LONGER = 66 << 16 };

/* Stops of each operation in ./run test, and in check-deep. Threads cost more under Wine, and the sources are the same. */
#ifdef _WIN32
enum { FEW = 12, MANY = 250 };
#else
enum { FEW = 60, MANY = 1000 };
#endif

/* One run of an operation. The places of blocks are each used by one side: the stopped thread the first half, the others the
 * second. */
struct stage {
    const struct operation *operation;
    struct perfpool_heap *heap, *doomed;               /* doomed: an operation may destroy it */
    unsigned char *of_actor[GIVEN], *of_others[GIVEN]; /* by who allocated them */
    unsigned char *made[2][NEW];                       /* while the operation runs: by the actor, by the others */
    struct semaphore ready, begin, finish;
    struct semaphore bound, leave; /* of the bystander, which has a pool in `doomed` */
    bool with_default;             /* the default heap is used */
};

struct operation {
    const char *name;
    void (*prepare)(struct stage *stage); /* by the others, when the actor has its blocks; or NULL */
    void (*act)(struct stage *stage);     /* by the actor */
    size_t limit;                         /* of the heap, 0: none */
    enum { USUAL, FIRST, GONE } actor;    /* FIRST: it has made no call before it acts; GONE: it has come to its end before */
};

static void put_block(struct stage *stage, unsigned char **place, size_t size)
{
    *place = AllocateMemory(size, stage->heap);
    if (*place != NULL) {
        require(pattern_is_all(*place, size < BLOCK ? size : BLOCK, 0));
        pattern_fill(*place, MARK_BYTES, (uintptr_t)place);
    }
}

static void free_block(struct stage *stage, unsigned char **place)
{
    if (*place == NULL)
        return;
    require(pattern_holds(*place, MARK_BYTES, (uintptr_t)place));
    FreeMemory(*place, stage->heap);
    *place = NULL;
}

static void free_blocks(struct stage *stage, unsigned char **places, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        free_block(stage, &places[i]);
}

/* ---- operations ---- */

static void free_more_of_the_actors(void *argument)
{
    struct stage *stage = argument;
    free_blocks(stage, stage->of_actor, 0, HALF);
    thread_exit();
}

static void fill_inbox(struct stage *stage)
{
    thread_run(free_more_of_the_actors, stage);
}

static void free_more_of_the_others(void *argument)
{
    struct stage *stage = argument;
    free_blocks(stage, stage->of_others, HALF, GIVEN);
    thread_exit();
}

static void fill_idle_inbox(struct stage *stage)
{
    thread_run(free_more_of_the_others, stage);
}

static void act_allocate(struct stage *stage)
{
    for (uint32_t i = 0; i < NEW; i++)
        put_block(stage, &stage->made[0][i], i < NEW - 6 ? BLOCK : 1000 + (size_t)(NEW - i) * 1500);
}

static void act_allocate_to_the_limit(struct stage *stage)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < NEW; i++) {
        put_block(stage, &stage->made[0][i], 30000);
        n += stage->made[0][i] != NULL;
    }
    require(n < NEW);
}

static void act_free_own(struct stage *stage)
{
    free_blocks(stage, stage->of_actor, 0, HALF);
}

static void act_free_others(struct stage *stage)
{
    free_blocks(stage, stage->of_others, 0, HALF);
}

/* Two blocks of different spans: what the second free leaves undone no later one does. */
static void act_free_late(struct stage *stage)
{
    free_block(stage, &stage->of_others[0]);
    free_block(stage, &stage->of_others[HALF - 1]);
}

static void act_large(struct stage *stage)
{
    put_block(stage, &stage->made[0][0], LARGER);
    put_block(stage, &stage->made[0][1], LONGER);
    free_block(stage, &stage->made[0][0]);
    free_block(stage, &stage->made[0][1]);
}

static void act_detach(struct stage *stage)
{
    free_blocks(stage, stage->of_others, 0, 5);
    perfpool_thread_detach();
}

static void act_end(struct stage *stage)
{
    free_blocks(stage, stage->of_others, 0, 5);
    thread_exit();
}

static void act_trim(struct stage *stage)
{
    perfpool_heap_trim(stage->heap);
}

static int PERFPOOL_CALL visit_nothing(const void *block, size_t size, void *argument)
{
    (void)block, (void)size, (void)argument;
    return 0;
}

static void act_look(struct stage *stage)
{
    perfpool_stats stats = {.size = sizeof stats};
    require(perfpool_heap_stats(stage->heap, &stats) == 0);
    require(perfpool_heap_walk(stage->heap, visit_nothing, NULL) == 0);
}

static void act_create(struct stage *stage)
{
    struct perfpool_heap *heap = internals_heap(MEBIBYTE, 0, 0, NULL);
    unsigned char *block = AllocateMemory(BLOCK, heap);
    require(block != NULL);
    FreeMemory(block, heap);
    require(perfpool_heap_destroy(heap, 0) == 0);
    (void)stage;
}

static void act_destroy(struct stage *stage)
{
    require(perfpool_heap_destroy(stage->doomed, 0) == 0);
    stage->doomed = NULL;
}

/* One of several makes the default heap; all get it. */
static void act_default(struct stage *stage)
{
    perfpool_options options = heap_options();
    options.reserve = MEBIBYTE;
    perfpool_heap_default(&options);
    stage->with_default = true;
    struct perfpool_heap *heap = perfpool_heap_default(NULL);
    unsigned char *block = AllocateMemory(BLOCK, NULL);
    require(heap != NULL && heap == perfpool_heap_default(NULL));
    require(block != NULL && perfpool_block_size(block, heap) == BLOCK);
    FreeMemory(block, heap);
}

static const struct operation operations[] = {
    {"allocate", NULL, act_allocate, 0, USUAL},
    {"allocate, inbox full", fill_inbox, act_allocate, 0, USUAL},
    {"allocate, an idle owner's inbox full", fill_idle_inbox, act_allocate, 0, USUAL},
    {"allocate to the limit", fill_idle_inbox, act_allocate_to_the_limit, MEBIBYTE, USUAL},
    {"allocate after the thread's end", NULL, act_allocate, 0, GONE},
    {"allocate, a thread's first call", NULL, act_allocate, 0, FIRST},
    {"free own blocks", NULL, act_free_own, 0, USUAL},
    {"free others' blocks", NULL, act_free_others, 0, USUAL},
    {"free others' blocks, a thread's first call", NULL, act_free_others, 0, FIRST},
    {"free after the thread's end", NULL, act_free_late, 0, GONE},
    {"large blocks", NULL, act_large, 0, USUAL},
    {"detach", NULL, act_detach, 0, USUAL},
    {"end of a thread", NULL, act_end, 0, USUAL},
    {"trim", fill_inbox, act_trim, 0, USUAL},
    {"statistics and walk", fill_inbox, act_look, 0, USUAL},
    {"create and destroy a heap", NULL, act_create, 0, USUAL},
    {"destroy a heap others have pools in", NULL, act_destroy, 0, USUAL},
    {"publish the default heap", NULL, act_default, 0, USUAL},
};

/* ---- the two sides ---- */

static void actor(void *argument)
{
    struct stage *stage = argument;
    for (uint32_t i = 0; i < GIVEN && stage->operation->actor != FIRST; i++)
        put_block(stage, &stage->of_actor[i], BLOCK);
    if (stage->operation->actor == GONE)
        thread_exit();
    semaphore_post(&stage->ready);
    semaphore_wait(&stage->begin);
    pause_armed = true;
    stage->operation->act(stage);
    pause_armed = false;
    semaphore_post(&pause.event);
    semaphore_wait(&stage->finish);
    thread_exit();
}

/* Has a pool in the doomed heap, and leaves it when told. */
static void bystander(void *argument)
{
    struct stage *stage = argument;
    FreeMemory(AllocateMemory(BLOCK, stage->doomed), stage->doomed);
    semaphore_post(&stage->bound);
    semaphore_wait(&stage->leave);
    perfpool_thread_detach();
    thread_exit();
}

/* A thread that lives while the actor is stopped: new pool or an adopted one, both kinds of blocks, its end. */
static void passer_by(void *argument)
{
    struct stage *stage = argument;
    unsigned char *block = NULL;
    for (uint32_t i = NEW / 2; i < NEW; i++)
        put_block(stage, &stage->made[1][i], BLOCK);
    free_blocks(stage, stage->of_actor, HALF, HALF + HALF / 2);
    put_block(stage, &block, LARGER);
    free_block(stage, &block);
    act_create(stage);
    if (stage->operation->act == act_default)
        act_default(stage);
    perfpool_heap_trim(stage->heap);
    thread_exit();
}

/* Everything there is to do, on the thread whose blocks the actor frees and on a new one. */
static void others_act(struct stage *stage)
{
    for (uint32_t i = 0; i < NEW / 2; i++)
        put_block(stage, &stage->made[1][i], BLOCK);
    thread_run(passer_by, stage);
    free_blocks(stage, stage->of_actor, HALF + HALF / 2, GIVEN);
    free_blocks(stage, stage->made[1], NEW / 4, NEW);
    free_blocks(stage, stage->of_others, HALF, GIVEN);
    perfpool_heap_trim(stage->heap);
    act_look(stage);
    if (stage->operation->act == act_default)
        act_default(stage);
    perfpool_thread_detach();
    put_block(stage, &stage->made[1][NEW - 1], BLOCK);
}

static void stage_begin(struct stage *stage, const struct operation *operation, uint32_t flags)
{
    *stage = (struct stage){.operation = operation};
    stage->heap = internals_heap(16 * MEBIBYTE, operation->limit, flags, NULL);
    stage->doomed = internals_heap(MEBIBYTE, 0, flags, NULL);
    struct semaphore *semaphores[] = {&stage->ready, &stage->begin, &stage->finish, &stage->bound,
                                      &stage->leave, &pause.event,  &pause.resume};
    for (size_t i = 0; i < sizeof semaphores / sizeof semaphores[0]; i++)
        semaphore_init(semaphores[i]);
    for (uint32_t i = 0; i < GIVEN; i++)
        put_block(stage, &stage->of_others[i], BLOCK);
}

static void stage_end(struct stage *stage)
{
    uint64_t handed_out;
    free_blocks(stage, stage->of_actor, 0, GIVEN);
    free_blocks(stage, stage->of_others, 0, GIVEN);
    for (uint32_t side = 0; side < 2; side++)
        free_blocks(stage, stage->made[side], 0, NEW);
    require(equations_disagreements(stage->heap, &handed_out) == 0 && handed_out == 0);
    perfpool_heap_trim(stage->heap);
    require(equations_disagreements(stage->heap, NULL) == 0);
    require(perfpool_heap_destroy(stage->heap, 0) == 0);
    if (stage->doomed != NULL)
        require(perfpool_heap_destroy(stage->doomed, 0) == 0);
    if (stage->with_default) { /* the next stage makes it again */
        struct perfpool_heap *heap = heap_default;
        heap_default = NULL;
        require(perfpool_heap_destroy(heap, 0) == 0);
    }
    struct semaphore *semaphores[] = {&stage->ready, &stage->begin, &stage->finish, &stage->bound,
                                      &stage->leave, &pause.event,  &pause.resume};
    for (size_t i = 0; i < sizeof semaphores / sizeof semaphores[0]; i++)
        semaphore_destroy(semaphores[i]);
}

struct performance {
    const struct operation *operation;
    uint32_t flags;
};

/* One run of an operation, stopped at pause.stop_at. */
static void perform(void *argument)
{
    static struct stage stage;
    const struct performance *performance = argument;
    struct thread acting, standing;
    stage_begin(&stage, performance->operation, performance->flags);
    thread_start(&standing, bystander, &stage);
    semaphore_wait(&stage.bound);
    thread_start(&acting, actor, &stage);
    semaphore_wait(&stage.ready);
    if (stage.operation->prepare != NULL)
        stage.operation->prepare(&stage);
    semaphore_post(&stage.begin);
    semaphore_wait(&pause.event);
    if (pause.stopped)
        others_act(&stage);
    semaphore_post(&stage.leave);
    thread_join(&standing);
    if (pause.stopped) {
        semaphore_post(&pause.resume);
        semaphore_wait(&pause.event);
    }
    semaphore_post(&stage.finish);
    thread_join(&acting);
    stage_end(&stage);
    thread_exit();
}

/* Stops an operation at each of its accesses, or at this many spread over them if there are more. */
static void stop_at_each(const struct operation *operation, uint32_t flags, uint32_t most, uint32_t *stops)
{
    struct performance performance = {operation, flags};
    uint32_t step = 1;
    for (uint32_t n = 0;; n += n == 0 ? 1 : step) {
        pause.stop_at = n;
        pause.passed = 0;
        pause.stopped = false;
        thread_run(perform, &performance);
        if (n == 0)
            step = (pause.passed + most - 1) / most;
        else if (!pause.stopped)
            break;
        *stops += n != 0;
    }
}

static void stop_in_all(const char *name, uint32_t flags, uint32_t few, uint32_t many)
{
    uint32_t stops = 0;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        stop_at_each(&operations[i], flags, deep_count(few, many), &stops);
    printf("pauses/%s: %zu operations, %u stops\n", name, sizeof operations / sizeof operations[0], stops);
    ck_assert_uint_ge(stops, sizeof operations / sizeof operations[0] * 2);
}

START_TEST(stopped_anywhere)
{
    stop_in_all("stopped_anywhere", 0, FEW, MANY);
}
END_TEST

START_TEST(stopped_anywhere_checked)
{
    stop_in_all("stopped_anywhere_checked", PERFPOOL_CHECK_REMOTE, FEW / 3, MANY / 3);
}
END_TEST

START_TEST(stopped_anywhere_poisoned)
{
    stop_in_all("stopped_anywhere_poisoned", PERFPOOL_POISON, FEW / 3, MANY / 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("pauses");
    TCase *pauses = tcase_create("pauses");
    tcase_set_timeout(pauses, DEEP_TIMEOUT);
    tcase_add_test(pauses, stopped_anywhere);
    tcase_add_test(pauses, stopped_anywhere_checked);
    tcase_add_test(pauses, stopped_anywhere_poisoned);
    suite_add_tcase(suite, pauses);
    return suite;
}

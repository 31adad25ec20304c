#include "fuzz/sequence.h"

#include <stdbool.h>

#include "fuzz/misuse.h"
#include "fuzz/model.h"
#include "fuzz/roles.h"
#include "support/heaps.h"
#include "thread.h"

enum {
    BATCH_BYTES = 256 << 10,
    ENDS_MAX = 3 /* starting a thread takes as long as many steps, and an end like those before finds little */
};

/* The bytes not yet read; beyond their end all are 0. */
struct reader {
    const uint8_t *at, *end;
};

static unsigned read_byte(struct reader *reader)
{
    return reader->at < reader->end ? *reader->at++ : 0;
}

static size_t read_number(struct reader *reader)
{
    const size_t high = read_byte(reader);
    return high << 8 | read_byte(reader);
}

/* Small blocks mostly, every size of every class, large ones, and sizes that no heap can serve. */
static size_t read_size(struct reader *reader)
{
    const unsigned kind = read_byte(reader);
    const size_t number = read_number(reader);
    if (kind < 160)
        return number % 1100;
    if (kind < 230)
        return number % (MODEL_SMALL_MAX + 1);
    if (kind < 252)
        return number * 5;
    return kind < 254 ? SIZE_MAX - number : number << 10;
}

static void create(struct model *model, unsigned heap, struct reader *reader)
{
    static const unsigned flags[] = {
        0, 0, PERFPOOL_NO_ZERO, PERFPOOL_CHECK_REMOTE, PERFPOOL_POISON, PERFPOOL_POISON | PERFPOOL_NO_ZERO};
    const unsigned kind = read_byte(reader);
    const size_t limit = kind >= 192 ? (1 + kind % 8) * MEBIBYTE / 2 : 0;
    model_create(model, heap, flags[kind % (sizeof flags / sizeof flags[0])], kind % 16 == 5, limit);
}

/* A batch of blocks of one size: what fills magazines and spans, of which a few will do. */
static void allocate_batch(struct model *model, unsigned heap, struct reader *reader)
{
    const size_t size = read_size(reader);
    const size_t enough = BATCH_BYTES / (size > 0 ? size : 1) + 2;
    size_t n = read_byte(reader) % 64;
    for (n = n < enough ? n : enough; n > 0; n--)
        model_allocate(model, heap, size);
}

/* Many blocks freed by one thread, whoever allocated them: what fills outboxes. */
static void free_batch(struct model *model, struct reader *reader)
{
    const unsigned step = 1 + read_byte(reader) % 7;
    for (unsigned n = read_byte(reader) % 96; n > 0 && model->n_blocks > 0; n--)
        model_free(model, n * step % model->n_blocks);
}

/* A sequence under way. */
struct sequence {
    struct reader reader;
    struct model model;
    struct role roles[MODEL_ROLES];
    struct semaphore done; /* the roles' turns have come to an end */
    unsigned turn;         /* the role whose turn it is */
    unsigned ran;          /* the role whose turn was the last one */
    bool ends;             /* its thread ends now */
    unsigned n_ends;
};

static void run_step(struct sequence *sequence)
{
    struct model *model = &sequence->model;
    struct reader *reader = &sequence->reader;
    const unsigned step = read_byte(reader);
    const unsigned where = read_byte(reader);
    const unsigned heap = where % MODEL_HEAPS;
    if (step < 90)
        model_allocate(model, heap, read_size(reader));
    else if (step < 100)
        allocate_batch(model, heap, reader);
    else if (step < 175 && model->n_blocks > 0)
        model_free(model, (unsigned)read_number(reader) % model->n_blocks);
    else if (step < 182)
        free_batch(model, reader);
    else if (step < 192)
        create(model, heap, reader);
    else if (step < 196)
        model_destroy(model, heap, step == 195);
    else if (step < 200)
        model_trim(model, heap);
    else if (step < 206)
        model_look(model, heap);
    else if (step < 210)
        model_walk(model, heap);
    else if (step < 215)
        perfpool_thread_detach();
    else if (step < 220)
        sequence->ends = sequence->n_ends++ < ENDS_MAX;
    else
        misuse(model, heap, step, (unsigned)read_number(reader));
    sequence->turn = where >= 224 ? where / 8 % MODEL_ROLES : sequence->turn;
}

static bool goes_on(const struct sequence *sequence)
{
    return sequence->reader.at < sequence->reader.end && !sequence->ends;
}

/* On the thread whose turn it is, until it is another's. */
static void run_steps(void *argument)
{
    struct sequence *sequence = argument;
    const unsigned turn = sequence->turn;
    do
        run_step(sequence);
    while (goes_on(sequence) && sequence->turn == turn);
    sequence->ran = turn;
    if (goes_on(sequence))
        role_pass_on(&sequence->roles[turn], &sequence->roles[sequence->turn]);
}

static void detach(void *unused)
{
    (void)unused;
    perfpool_thread_detach();
}

#ifdef _WIN32
static void exit_thread(void *unused)
{
    (void)unused;
    thread_exit();
}
#endif

static void call_and_wait(struct sequence *sequence, struct role *role, thread_function run)
{
    role_call(role, run, sequence, &sequence->done);
    semaphore_wait(&sequence->done);
}

/* Ends a role's thread. On Windows it is DllMain that hears of it, and a program that links the objects has none. */
static void end_thread(struct sequence *sequence, struct role *role)
{
#ifdef _WIN32
    call_and_wait(sequence, role, exit_thread);
#else
    (void)sequence;
#endif
    role_end(role);
}

void sequence_run(const uint8_t *bytes, size_t size)
{
    static struct sequence sequence; /* its threads stay from one run to the next: starting them is most of a short run */
    static bool made;
    if (!made)
        semaphore_init(&sequence.done);
    made = true;
    sequence.reader = (struct reader){bytes, bytes + size};
    sequence.turn = 0;
    sequence.n_ends = 0;
    model_begin(&sequence.model);
    while (sequence.reader.at < sequence.reader.end) {
        sequence.ends = false;
        call_and_wait(&sequence, &sequence.roles[sequence.turn], run_steps);
        if (sequence.ends)
            end_thread(&sequence, &sequence.roles[sequence.ran]);
    }
    for (unsigned i = 0; i < MODEL_ROLES; i++)
        if (sequence.roles[i].started)
            call_and_wait(&sequence, &sequence.roles[i], detach);
    model_end(&sequence.model);
}

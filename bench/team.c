/* See team.h. */
#include "team.h"

#include "barrier.h"
#include "contender.h"
#include "ticks.h"

#include <pthread.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <unistd.h>
#endif

/* A thread spins long where the others have processors of their own, and not where they may be waiting for this one. */
enum { BARRIER_SPINS = 10000, BARRIER_SPINS_OVERSUBSCRIBED = 50 };

static struct bench_worker workers[BENCH_MOST_THREADS]; /* index: set before the thread is started */
static pthread_t threads[BENCH_MOST_THREADS];
static unsigned n_started = 1; /* threads of the team, the main thread among them; main thread only */
static struct barrier barrier;

/* What the team's threads do together. */
enum job_kind { JOB_ENTER, JOB_WORK, JOB_DETACH, JOB_LEAVE };

/* The job: guarded by the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct {
    uint64_t number; /* counts the jobs */
    enum job_kind kind;
    unsigned threads;
    uint64_t operations;
    bool stopping;
} job;

/* The row that the threads have entered, or NULL; main thread only. */
static const struct bench_row *entered;
static void *shared;

static unsigned processors(void)
{
    static unsigned n;

    if (n == 0) {
#ifdef _WIN32
        SYSTEM_INFO info;

        GetSystemInfo(&info);
        n = info.dwNumberOfProcessors;
#else
        n = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
#endif
    }
    return n;
}

/* Waits until all n threads are here; lets another thread run if that takes long. */
static void meet(unsigned n)
{
    const unsigned most_spins = n > processors() ? BARRIER_SPINS_OVERSUBSCRIBED : BARRIER_SPINS;

    barrier_meet(&barrier, n, most_spins);
}

static double take_part_in_work(struct bench_worker *worker, uint64_t operations)
{
    unsigned n = worker->row->threads;
    double start;

    meet(n);
    start = bench_now();
    worker->row->workload->work(worker, operations);
    meet(n);
    return bench_now() - start;
}

/* One thread's part of a job, which ends when all have done theirs. The seconds count for JOB_WORK in the first thread only. */
static double take_part(struct bench_worker *worker, enum job_kind kind, uint64_t operations)
{
    const struct bench_workload *workload = worker->row->workload;
    double seconds = 0;

    if (kind == JOB_WORK)
        seconds = take_part_in_work(worker, operations);
    else if (kind == JOB_ENTER && workload->enter != NULL)
        workload->enter(worker);
    else if (kind == JOB_DETACH)
        contender_detach();
    else if (kind == JOB_LEAVE && workload->leave != NULL)
        workload->leave(worker);
    meet(worker->row->threads);
    return seconds;
}

/* What the team's other threads do: sleep until there is a job that they take part in. */
static void *member(void *argument)
{
    struct bench_worker *worker = argument;
    uint64_t seen = 0;

    pthread_mutex_lock(&lock);
    while (!job.stopping) {
        bool mine = job.number != seen && worker->index < job.threads;
        enum job_kind kind = job.kind;
        uint64_t operations = job.operations;

        seen = job.number;
        if (!mine) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        pthread_mutex_unlock(&lock);
        take_part(worker, kind, operations);
        pthread_mutex_lock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void start_threads(unsigned n)
{
    for (; n_started < n; n_started++) {
        workers[n_started].index = n_started;
        if (pthread_create(&threads[n_started], NULL, member, &workers[n_started]) != 0)
            bench_fail("cannot start thread %u", n_started);
    }
}

/* Has the threads of the entered row do a job. */
static double do_job(enum job_kind kind, uint64_t operations)
{
    pthread_mutex_lock(&lock);
    job.number++;
    job.kind = kind;
    job.threads = entered->threads;
    job.operations = operations;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return take_part(&workers[0], kind, operations);
}

static void leave(void)
{
    do_job(JOB_LEAVE, 0);
    if (entered->workload->close != NULL)
        entered->workload->close(entered, shared);
    entered = NULL;
}

static void enter(const struct bench_row *row, const struct bench_memory *memory)
{
    entered = row;
    shared = row->workload->open != NULL ? row->workload->open(row) : NULL;
    /* Between jobs a thread looks at nothing of its worker but the index, which never changes. */
    for (unsigned i = 0; i < row->threads; i++) {
        workers[i].row = row;
        workers[i].memory = *memory;
        for (unsigned heap = 0; heap < row->heaps; heap++)
            workers[i].contexts[heap] = contender_context(memory, i, heap);
        workers[i].memory.context = workers[i].contexts[0];
        workers[i].shared = shared;
        workers[i].own = NULL;
    }
    start_threads(row->threads);
    do_job(JOB_ENTER, 0);
}

void team_enter(const struct bench_row *row, const struct bench_memory *memory)
{
    if (entered == row)
        return;
    if (entered != NULL)
        leave();
    enter(row, memory);
}

double team_run(uint64_t operations)
{
    return do_job(JOB_WORK, operations);
}

void team_report(struct bench_findings *findings)
{
    if (entered != NULL && entered->workload->report != NULL)
        entered->workload->report(entered, shared, findings);
}

void team_detach(void)
{
    do_job(JOB_DETACH, 0);
}

void team_meet(const struct bench_worker *worker)
{
    meet(worker->row->threads);
}

bool team_is_oversubscribed(const struct bench_row *row)
{
    return row->threads > processors();
}

void team_stop(void)
{
    if (entered != NULL)
        leave();
    pthread_mutex_lock(&lock);
    job.stopping = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    for (; n_started > 1; n_started--)
        pthread_join(threads[n_started - 1], NULL);
}

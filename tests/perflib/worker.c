/* See worker.h. */
#include "worker.h"

#include "lock.h"

#include <stdatomic.h>
#include <stddef.h>

/* A request, on the stack of the thread that waits for it. */
struct job {
    void (*function)(void *argument);
    void *argument;
    bool done; /* under jobs_lock */
    struct job *next;
};

static struct lock jobs_lock = LOCK_INITIAL;
static struct condition changed = CONDITION_INITIAL; /* a job came, or one is done */
static struct job *first_job;                        /* under jobs_lock, as the next two */
static struct job **end_of_jobs = &first_job;
static bool started;
static atomic_uintptr_t worker_number;

bool worker_is_this_thread(void)
{
    return atomic_load(&worker_number) == thread_number();
}

static void work(void *argument)
{
    (void)argument;
    atomic_store(&worker_number, thread_number());
    lock_take(&jobs_lock);
    for (;;) {
        struct job *job = first_job;

        if (job == NULL) {
            condition_wait(&changed, &jobs_lock);
            continue;
        }
        first_job = job->next;
        if (first_job == NULL)
            end_of_jobs = &first_job;
        lock_release(&jobs_lock);
        job->function(job->argument);
        lock_take(&jobs_lock);
        job->done = true;
        condition_wake_all(&changed);
    }
}

bool worker_start(void)
{
    bool runs;

    lock_take(&jobs_lock);
    if (!started)
        started = detached_thread_start(work, NULL);
    runs = started;
    lock_release(&jobs_lock);
    return runs;
}

void worker_run(void (*function)(void *argument), void *argument)
{
    struct job job = {.function = function, .argument = argument};

    lock_take(&jobs_lock);
    *end_of_jobs = &job;
    end_of_jobs = &job.next;
    condition_wake_all(&changed);
    while (!job.done)
        condition_wait(&changed, &jobs_lock);
    lock_release(&jobs_lock);
}

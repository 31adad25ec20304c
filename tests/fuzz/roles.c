#include "fuzz/roles.h"

static void serve(void *argument)
{
    struct role *role = argument;
    for (;;) {
        semaphore_wait(&role->go);
        if (role->run == NULL)
            return;
        role->run(role->argument);
        semaphore_post(&role->done);
    }
}

void role_call(struct role *role, thread_function run, void *argument)
{
    if (!role->started) {
        semaphore_init(&role->go);
        semaphore_init(&role->done);
        thread_start(&role->thread, serve, role);
        role->started = true;
    }
    role->run = run;
    role->argument = argument;
    semaphore_post(&role->go);
    semaphore_wait(&role->done);
}

void role_end(struct role *role)
{
    if (!role->started)
        return;
    role->run = NULL;
    semaphore_post(&role->go);
    thread_join(&role->thread);
    semaphore_destroy(&role->go);
    semaphore_destroy(&role->done);
    role->started = false;
}

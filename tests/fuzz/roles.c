#include "fuzz/roles.h"

static void serve(void *argument)
{
    struct role *role = argument;
    for (;;) {
        semaphore_wait(&role->go);
        if (role->run == NULL)
            return;
        role->passed_on_to = NULL;
        role->run(role->argument);
        /* What follows may end this thread's life or change `role`: nothing of it is read after the post. */
        if (role->passed_on_to != NULL)
            role_call(role->passed_on_to, role->run, role->argument, role->done);
        else
            semaphore_post(role->done);
    }
}

void role_call(struct role *role, thread_function run, void *argument, struct semaphore *done)
{
    if (!role->started) {
        semaphore_init(&role->go);
        thread_start(&role->thread, serve, role);
        role->started = true;
    }
    role->run = run;
    role->argument = argument;
    role->done = done;
    semaphore_post(&role->go);
}

void role_pass_on(struct role *from, struct role *to)
{
    from->passed_on_to = to;
}

void role_end(struct role *role)
{
    if (!role->started)
        return;
    role->run = NULL;
    semaphore_post(&role->go);
    thread_join(&role->thread);
    semaphore_destroy(&role->go);
    role->started = false;
}

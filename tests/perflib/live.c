/*
 * The live table, and the thread that prints it in a program that perflib-live runs.
 */
#include "live.h"

#include "lock.h"
#include "perflib_consumer.h"
#include "perflib_live.h"
#include "table.h"
#include "worker.h"

#include <stdlib.h>

/* What tables wait for between two samples. */
static struct lock live_lock = LOCK_INITIAL;
static struct condition changed = CONDITION_INITIAL;
static unsigned stops;         /* under live_lock: calls of perflib_live_stop */
static bool asked;             /* under live_lock: the environment has been looked at */
static bool runs;              /* under live_lock: the environment's table is printed */
static unsigned extra_wanted;  /* under live_lock: samples that are taken at once, of the environment's table */
static unsigned extra_printed; /* under live_lock: how many of them are */

void perflib_live_stop(void)
{
    lock_take(&live_lock);
    stops++;
    condition_wake_all(&changed);
    lock_release(&live_lock);
}

/*
 * Waits for the next sample's time. Returns whether the table goes on; *extra becomes the number of extra samples wanted, of which
 * only the environment's table has any.
 */
static bool wait_for_sample(double seconds, unsigned stops_before, bool is_environment, unsigned *extra)
{
    const uint64_t milliseconds = (uint64_t)(seconds * 1000 + 0.5);
    bool in_time = true;
    bool goes_on;

    lock_take(&live_lock);
    while (in_time && stops == stops_before && !(is_environment && extra_wanted != extra_printed))
        in_time = condition_wait_for(&changed, &live_lock, milliseconds);
    goes_on = stops == stops_before;
    *extra = extra_wanted;
    lock_release(&live_lock);
    return goes_on;
}

static void note_extra(unsigned extra)
{
    lock_take(&live_lock);
    extra_printed = extra;
    condition_wake_all(&changed);
    lock_release(&live_lock);
}

/* Adds what has been described since the last time. A provider that refuses is asked again each time. */
static ULONG add_new_sets(struct perflib_query *query)
{
    const struct perflib_set *sets;
    size_t n;
    ULONG error = perflib_query_sets(query, &sets, &n);
    static const WCHAR all[] = {u'*', 0};

    for (size_t i = 0; i < n; i++) {
        ULONG answer = perflib_query_add(query, &sets[i].set, all, 0, PERF_WILDCARD_COUNTER);

        if (answer != ERROR_ALREADY_EXISTS && error == ERROR_SUCCESS)
            error = answer;
    }
    return error;
}

/* One sample. *error becomes what a provider refused with. */
static const struct perflib_sample *take_sample(struct perflib_query *query, ULONG *error)
{
    const struct perflib_sample *sample;
    ULONG collected;

    *error = add_new_sets(query);
    collected = perflib_query_collect(query, &sample);
    if (*error == ERROR_SUCCESS)
        *error = collected;
    return sample;
}

/* A file that perflib-live finds longer after each sample. */
static void leave_mark(void)
{
    const char *path = getenv(LIVE_MARK_VARIABLE);
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (file != NULL) {
        fputc('.', file);
        fclose(file);
    }
}

/* The first sample is not printed: it is what the second is compared with. */
static ULONG run_table(const struct perflib_live_options *options, bool is_environment)
{
    FILE *out = options->out != NULL ? options->out : stdout;
    const struct perflib_sample *before;
    struct perflib_query *query;
    unsigned stops_before;
    unsigned extra;
    ULONG error = perflib_query_open(&query);

    if (error != ERROR_SUCCESS)
        return error;
    lock_take(&live_lock);
    stops_before = stops;
    lock_release(&live_lock);
    before = take_sample(query, &error);
    for (unsigned long n = 0; options->samples == 0 || n < options->samples; n++) {
        const struct perflib_sample *after;

        if (!wait_for_sample(options->seconds > 0 ? options->seconds : 1, stops_before, is_environment, &extra))
            break;
        after = take_sample(query, &error);
        if (!table_print(out, before, after, error))
            break;
        before = after;
        if (is_environment) {
            leave_mark();
            note_extra(extra);
        }
    }
    perflib_query_close(query);
    return ERROR_SUCCESS;
}

unsigned perflib_live_table(const struct perflib_live_options *options)
{
    return options == NULL ? ERROR_INVALID_PARAMETER : run_table(options, false);
}

/* Reads "SECONDS,SAMPLES". What is not a number counts as 0. */
static void read_options(const char *text, struct perflib_live_options *options)
{
    char *end;

    options->seconds = strtod(text, &end);
    if (*end == ',')
        options->samples = strtoul(end + 1, NULL, 10);
}

static void print_table(void *argument)
{
    struct perflib_live_options options = {0};
    const char *output = getenv(PERFLIB_LIVE_OUTPUT_VARIABLE);

    read_options(argument, &options);
    if (output != NULL)
        options.out = fopen(output, "w");
    if (output != NULL && options.out == NULL)
        fprintf(stderr, "perflib-live: %s cannot be written\n", output);
    else
        run_table(&options, true);
    if (options.out != NULL)
        fclose(options.out);
    lock_take(&live_lock);
    runs = false;
    condition_wake_all(&changed);
    lock_release(&live_lock);
}

void live_provider_started(void)
{
    char *text;
    const char *names;

    lock_take(&live_lock);
    text = asked ? NULL : getenv(PERFLIB_LIVE_VARIABLE);
    asked = true;
    if (text != NULL) {
        names = getenv(PERFLIB_LIVE_NAMES_VARIABLE);
        if (names != NULL && perflib_live_read_names(names) != 0)
            fprintf(stderr, "perflib-live: %s has no names that can be read\n", names);
        runs = detached_thread_start(print_table, text);
    }
    lock_release(&live_lock);
}

/* The worker itself must not wait: the table waits for it. */
void live_last_provider_stops(void)
{
    unsigned wanted;

    lock_take(&live_lock);
    if (runs && !worker_is_this_thread()) {
        wanted = ++extra_wanted;
        condition_wake_all(&changed);
        while (runs && (int)(extra_printed - wanted) < 0)
            condition_wait(&changed, &live_lock);
    }
    lock_release(&live_lock);
}

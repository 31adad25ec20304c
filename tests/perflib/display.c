/*
 * What a counter's value means. A counter type is made of fields (winperf.h): what kind of figure it is, the clock it goes by, and
 * how two samples of it make a figure. N is the counter's value, B its base, T the time by the type's clock; 0 is the earlier
 * sample and 1 the later.
 */
#include "name.h"
#include "perflib_consumer.h"

#include <stdbool.h>

enum {
    KIND_MASK = 0xC00,
    SIZE_MASK = 0x300,
    SUBTYPE_MASK = 0x70000,
    CLOCK_MASK = 0x300000,
};
static const ULONG unit_mask = 0xF0000000U;

/* Two samples of one counter. */
struct pair {
    const struct perflib_value *before;
    const struct perflib_value *after;
    double ticks;   /* between them, by the performance clock */
    double seconds; /* the same */
};

static bool same_counter(const struct perflib_value *a, const struct perflib_value *b)
{
    return a->counter == b->counter && a->instance_id == b->instance_id && guid_equal(&a->set, &b->set) &&
           guid_equal(&a->provider, &b->provider) && name_equal(a->instance, b->instance);
}

/* The same counter in another sample, or NULL. Samples differ little, so the search begins at the same place and goes round. */
static const struct perflib_value *find(const struct perflib_sample *sample, const struct perflib_value *value, size_t index)
{
    for (size_t i = 0; i < sample->n_values; i++) {
        const struct perflib_value *candidate = &sample->values[(index + i) % sample->n_values];

        if (same_counter(candidate, value))
            return candidate;
    }
    return NULL;
}

/*
 * How far a value went: values wrap modulo their size, so what looks like more than half the range is a step back (a counter that
 * was set anew), and there is no figure.
 */
static bool distance(bool large, ULONGLONG before, ULONGLONG after, double *result)
{
    const ULONGLONG steps = large ? after - before : (ULONG)(after - before);

    *result = (double)steps;
    return steps <= (large ? UINT64_MAX : UINT32_MAX) / 2;
}

/* N1 - N0. */
static bool value_distance(const struct pair *pair, double *result)
{
    return distance((pair->after->type & SIZE_MASK) == PERF_SIZE_LARGE, pair->before->value, pair->after->value, result);
}

/* B1 - B0. Averages and samples have bases of 4 bytes, all else of 8. */
static bool base_distance(const struct pair *pair, double *result)
{
    const ULONG type = pair->after->type;
    const bool large = type != PERF_AVERAGE_TIMER && type != PERF_AVERAGE_BULK && type != PERF_SAMPLE_FRACTION;

    if (pair->before->base_status != ERROR_SUCCESS || pair->after->base_status != ERROR_SUCCESS)
        return false;
    return distance(large, pair->before->base, pair->after->base, result);
}

/* What two numbers are a fraction of; nothing to show without events. */
static bool divide(double dividend, double divisor, double *result)
{
    if (divisor <= 0)
        return false;
    *result = dividend / divisor;
    return true;
}

/* Time that passed by the type's own clock, in its units. */
static double clock_distance(ULONG type, const struct pair *pair)
{
    return (type & CLOCK_MASK) == PERF_TIMER_100NS ? pair->seconds * 1e7 : pair->ticks;
}

/* Counts per second, or the share of time that a timer ran; of n timers that ran at once, the base being n. */
static bool show_rate(const struct pair *pair, double *result)
{
    const ULONG type = pair->after->type;
    double steps;
    double n = 1;

    if (!value_distance(pair, &steps))
        return false;
    if ((type & unit_mask) != PERF_DISPLAY_PERCENT)
        return divide(steps, pair->seconds, result);
    if ((type & PERF_MULTI_COUNTER) != 0 && pair->after->base_status == ERROR_SUCCESS)
        n = (double)pair->after->base;
    if (!divide(steps, clock_distance(type, pair) * n, result))
        return false;
    *result = 100 * ((type & PERF_INVERSE_COUNTER) != 0 ? 1 - *result : *result);
    return true;
}

/* Fractions that need two samples: averages, sampled and precise shares of a base. */
static bool show_fraction(const struct pair *pair, ULONGLONG frequency, double *result)
{
    const ULONG type = pair->after->type;
    double steps;
    double base_steps;

    if (!value_distance(pair, &steps) || !base_distance(pair, &base_steps) || !divide(steps, base_steps, result))
        return false;
    if (type == PERF_AVERAGE_TIMER)
        *result /= (double)frequency;
    else if (type != PERF_AVERAGE_BULK)
        *result *= 100;
    return true;
}

/* Types that need one sample. */
static bool show_one(const struct perflib_sample *sample, const struct perflib_value *value, bool *done, double *result)
{
    *done = true;
    if ((value->type & KIND_MASK) == PERF_TYPE_NUMBER) {
        *result = (double)value->value;
        return true;
    }
    switch (value->type) {
    case PERF_RAW_FRACTION:
    case PERF_LARGE_RAW_FRACTION:
        if (value->base_status != ERROR_SUCCESS || !divide((double)value->value, (double)value->base, result))
            return false;
        *result *= 100;
        return true;
    case PERF_ELAPSED_TIME:
        return divide((double)sample->ticks - (double)value->value, (double)sample->frequency, result);
    default:
        *done = false;
        return false;
    }
}

static bool show_pair(const struct pair *pair, ULONGLONG frequency, double *result)
{
    const ULONG type = pair->after->type;
    double steps;

    switch (type & SUBTYPE_MASK) {
    case PERF_COUNTER_VALUE:
        return value_distance(pair, result);
    case PERF_COUNTER_RATE:
        return show_rate(pair, result);
    case PERF_COUNTER_QUEUELEN:
        return value_distance(pair, &steps) && divide(steps, clock_distance(type, pair), result);
    case PERF_COUNTER_FRACTION:
    case PERF_COUNTER_PRECISION:
        return show_fraction(pair, frequency, result);
    default:
        return false;
    }
}

int perflib_display(const struct perflib_sample *before, const struct perflib_sample *after, size_t index, double *result)
{
    const struct perflib_value *value = &after->values[index];
    struct pair pair = {.after = value};
    bool done;
    bool shown;

    if (value->status != ERROR_SUCCESS || (value->type & KIND_MASK) == PERF_TYPE_TEXT ||
        ((value->type & KIND_MASK) == PERF_TYPE_COUNTER && (value->type & SUBTYPE_MASK) == PERF_COUNTER_BASE))
        return 0;
    shown = show_one(after, value, &done, result);
    if (done)
        return shown;
    pair.before = before == NULL ? NULL : find(before, value, index);
    if (pair.before == NULL || pair.before->status != ERROR_SUCCESS)
        return 0;
    pair.ticks = (double)(after->ticks - before->ticks);
    pair.seconds = pair.ticks / (double)after->frequency;
    return show_pair(&pair, after->frequency, result);
}

const char *perflib_display_unit(ULONG type)
{
    switch (type & unit_mask) {
    case PERF_DISPLAY_PER_SEC:
        return "/s";
    case PERF_DISPLAY_PERCENT:
        return "%";
    case PERF_DISPLAY_SECONDS:
        return "s";
    default:
        return "";
    }
}

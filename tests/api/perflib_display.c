/* What is shown for two samples of a counter, for each of the counter types, by hand-made samples two seconds apart. */
#include "harness.h"
#include "perflib/perflib_consumer.h"

#include <math.h>

enum { FREQUENCY = 1000, TICKS = 2000, NOTHING = -1 /* to show */ };

/* Two samples of one counter, and the figure. */
struct figure {
    ULONG type;
    ULONGLONG value0, value1;
    ULONGLONG base0, base1;
    double shown;
    const char *unit;
};

static const struct figure figures[] = {
    {PERF_COUNTER_RAWCOUNT, 1, 7, 0, 0, 7, ""},
    {PERF_COUNTER_LARGE_RAWCOUNT, 1, (ULONGLONG)1 << 40, 0, 0, 1099511627776.0, ""},
    {PERF_COUNTER_RAWCOUNT_HEX, 1, 7, 0, 0, 7, ""},
    {PERF_COUNTER_LARGE_RAWCOUNT_HEX, 1, 7, 0, 0, 7, ""},
    {PERF_COUNTER_COUNTER, 10, 30, 0, 0, 10, "/s"},
    {PERF_COUNTER_COUNTER, 0xFFFFFFFA, 4, 0, 0, 5, "/s"},
    {PERF_COUNTER_COUNTER, 30, 10, 0, 0, NOTHING, "/s"},
    {PERF_COUNTER_BULK_COUNT, 10, 30, 0, 0, 10, "/s"},
    {PERF_COUNTER_BULK_COUNT, 30, 10, 0, 0, NOTHING, "/s"},
    {PERF_COUNTER_DELTA, 10, 30, 0, 0, 20, ""},
    {PERF_COUNTER_LARGE_DELTA, 10, 30, 0, 0, 20, ""},
    {PERF_COUNTER_TIMER, 0, 500, 0, 0, 25, "%"},
    {PERF_COUNTER_TIMER_INV, 0, 500, 0, 0, 75, "%"},
    {PERF_100NSEC_TIMER, 0, 5000000, 0, 0, 25, "%"},
    {PERF_100NSEC_TIMER_INV, 0, 5000000, 0, 0, 75, "%"},
    {PERF_OBJ_TIME_TIMER, 0, 500, 0, 0, 25, "%"},
    {PERF_COUNTER_MULTI_TIMER, 0, 2000, 4, 4, 25, "%"},
    {PERF_COUNTER_MULTI_TIMER_INV, 0, 2000, 4, 4, 75, "%"},
    {PERF_100NSEC_MULTI_TIMER, 0, 20000000, 4, 4, 25, "%"},
    {PERF_100NSEC_MULTI_TIMER_INV, 0, 20000000, 4, 4, 75, "%"},
    {PERF_COUNTER_MULTI_BASE, 0, 4, 0, 0, NOTHING, ""},
    {PERF_COUNTER_QUEUELEN_TYPE, 0, 6000, 0, 0, 3, ""},
    {PERF_COUNTER_LARGE_QUEUELEN_TYPE, 0, 6000, 0, 0, 3, ""},
    {PERF_COUNTER_100NS_QUEUELEN_TYPE, 0, 60000000, 0, 0, 3, ""},
    {PERF_COUNTER_OBJ_TIME_QUEUELEN_TYPE, 0, 6000, 0, 0, 3, ""},
    {PERF_SAMPLE_COUNTER, 10, 30, 0, 0, 10, ""},
    {PERF_SAMPLE_FRACTION, 1, 2, 10, 14, 25, "%"},
    {PERF_SAMPLE_BASE, 0, 4, 0, 0, NOTHING, ""},
    {PERF_AVERAGE_TIMER, 0, 3000, 10, 16, 0.5, "s"},
    {PERF_AVERAGE_TIMER, 0, 3000, 10, 10, NOTHING, "s"},
    {PERF_AVERAGE_BULK, 0, 3000, 0xFFFFFFFE, 4, 500, ""},
    {PERF_AVERAGE_BASE, 0, 4, 0, 0, NOTHING, ""},
    {PERF_RAW_FRACTION, 0, 1, 0, 8, 12.5, "%"},
    {PERF_RAW_FRACTION, 0, 1, 0, 0, NOTHING, "%"},
    {PERF_LARGE_RAW_FRACTION, 0, 1, 0, 8, 12.5, "%"},
    {PERF_RAW_BASE, 0, 4, 0, 0, NOTHING, ""},
    {PERF_LARGE_RAW_BASE, 0, 4, 0, 0, NOTHING, ""},
    {PERF_ELAPSED_TIME, 0, 4500, 0, 0, 1.5, "s"},
    {PERF_PRECISION_SYSTEM_TIMER, 0, 1, 0, 4, 25, "%"},
    {PERF_PRECISION_100NS_TIMER, 0, 1, 0, 4, 25, "%"},
    {PERF_PRECISION_OBJECT_TIMER, 0, 1, 0, 4, 25, "%"},
    {PERF_COUNTER_TEXT, 0, 1, 0, 0, NOTHING, ""},
};

static struct perflib_value value_of(const struct figure *figure, int later)
{
    static const WCHAR name[] = {'o', 'n', 'e', 0};

    return (struct perflib_value){.instance = name,
                                  .counter = 1,
                                  .type = figure->type,
                                  .value = later ? figure->value1 : figure->value0,
                                  .base = later ? figure->base1 : figure->base0};
}

static struct perflib_sample sample_of(const struct perflib_value *values, size_t n, int later)
{
    return (struct perflib_sample){4000 + (later ? TICKS : 0), FREQUENCY, 0, values, n};
}

START_TEST(each_type_has_its_figure)
{
    const struct figure *figure = &figures[_i];
    struct perflib_value values[] = {value_of(figure, 0), value_of(figure, 1)};
    struct perflib_sample before = sample_of(&values[0], 1, 0);
    struct perflib_sample after = sample_of(&values[1], 1, 1);
    double shown = -1;

    if (figure->shown < 0) {
        ck_assert_msg(!perflib_display(&before, &after, 0, &shown), "%#lx shows %f", (unsigned long)figure->type, shown);
    } else {
        ck_assert_msg(perflib_display(&before, &after, 0, &shown), "%#lx shows nothing", (unsigned long)figure->type);
        ck_assert_msg(fabs(shown - figure->shown) < 1e-9, "%#lx shows %f, not %f", (unsigned long)figure->type, shown,
                      figure->shown);
    }
    ck_assert_str_eq(perflib_display_unit(figure->type), figure->unit);
}
END_TEST

/* The counter is found in the earlier sample wherever it is, and is not mistaken for another. */
static struct perflib_value with_counter(struct perflib_value value, ULONG counter)
{
    value.counter = counter;
    return value;
}

static struct perflib_value with_instance(struct perflib_value value, const WCHAR *instance, ULONG id)
{
    value.instance = instance;
    value.instance_id = id;
    return value;
}

START_TEST(counters_are_found_by_identity)
{
    static const WCHAR two[] = {'t', 'w', 'o', 0};
    const struct figure one_figure = {PERF_COUNTER_COUNTER, 10, 30, 0, 0, 10, "/s"};
    const struct figure two_figure = {PERF_COUNTER_COUNTER, 28, 30, 0, 0, 1, "/s"};
    const struct perflib_value one = value_of(&one_figure, 0);
    const struct perflib_value earlier[] = {with_counter(one, 2), with_instance(value_of(&two_figure, 0), two, 0),
                                            with_instance(one, one.instance, 1)};
    const struct perflib_value later[] = {value_of(&one_figure, 1), with_instance(value_of(&two_figure, 1), two, 0)};
    struct perflib_sample before = sample_of(earlier, 3, 0);
    struct perflib_sample after = sample_of(later, 2, 1);
    double shown;

    ck_assert(!perflib_display(&before, &after, 0, &shown));
    ck_assert(perflib_display(&before, &after, 1, &shown));
    ck_assert_double_eq_tol(shown, 1, 1e-9);
    ck_assert(!perflib_display(NULL, &after, 1, &shown));
}
END_TEST

/* Whether there is something to show if these two values have that status, for themselves and for their bases. */
static int shows(const struct figure *figure, ULONG status0, ULONG status1, ULONG base_status0)
{
    struct perflib_value values[] = {value_of(figure, 0), value_of(figure, 1)};
    struct perflib_sample before = sample_of(&values[0], 1, 0);
    struct perflib_sample after = sample_of(&values[1], 1, 1);
    double shown;

    values[0].status = status0;
    values[0].base_status = base_status0;
    values[1].status = status1;
    return perflib_display(&before, &after, 0, &shown);
}

START_TEST(values_that_are_missing_show_nothing)
{
    const struct figure rate = {PERF_COUNTER_COUNTER, 10, 30, 0, 0, 10, "/s"};
    const struct figure average = {PERF_AVERAGE_BULK, 10, 30, 1, 2, 20, ""};

    ck_assert(shows(&rate, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS));
    ck_assert(!shows(&rate, ERROR_NO_DATA, ERROR_SUCCESS, ERROR_SUCCESS));
    ck_assert(!shows(&rate, ERROR_SUCCESS, ERROR_NO_DATA, ERROR_SUCCESS));
    ck_assert(shows(&rate, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_NO_DATA));
    ck_assert(shows(&average, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS));
    ck_assert(!shows(&average, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_NO_DATA));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("perflib_display");
    TCase *display = tcase_create("display");

    tcase_add_loop_test(display, each_type_has_its_figure, 0, sizeof figures / sizeof *figures);
    tcase_add_test(display, counters_are_found_by_identity);
    tcase_add_test(display, values_that_are_missing_show_nothing);
    suite_add_tcase(suite, display);
    return suite;
}

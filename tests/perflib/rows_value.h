/* Rows of the six functions that change values. See rows.h. */
#ifndef PERFPOOL_TESTS_PERFLIB_ROWS_VALUE_H
#define PERFPOOL_TESTS_PERFLIB_ROWS_VALUE_H

#include "rows.h"

/* Each function: succeeds and leaves `after` in the slot if it was `before`; the codes of wrong counters, which change nothing. */
#define VALUE_ROWS_OF(function, set, right, index, wrong, before, value, after)                       \
    ROW(function##_changes_the_value, function, ERROR_SUCCESS)                                        \
    {                                                                                                 \
        ULONG error;                                                                                  \
                                                                                                      \
        if (perflib->set(provider, one, right, before) != ERROR_SUCCESS)                              \
            return ROW_WRONG;                                                                         \
        error = perflib->function(provider, one, right, value);                                       \
        return slot(one, index) == (after) && slot(one, 1 - (index)) == 0 ? error : (ULONG)ROW_WRONG; \
    }                                                                                                 \
    ROW(function##_of_unknown_counter, function, ERROR_NOT_FOUND)                                     \
    {                                                                                                 \
        return perflib->function(provider, one, UNKNOWN, 1);                                          \
    }                                                                                                 \
    ROW(function##_of_other_size, function, ERROR_INVALID_PARAMETER)                                  \
    {                                                                                                 \
        ULONG error = perflib->function(provider, one, wrong, 1);                                     \
                                                                                                      \
        return slot(one, 1 - (index)) == 0 ? error : (ULONG)ROW_WRONG;                                \
    }                                                                                                 \
    ROW(function##_of_reference, function, ERROR_INVALID_PARAMETER)                                   \
    {                                                                                                 \
        ULONG error = perflib->function(provider, one, REFERENCE, 1);                                 \
                                                                                                      \
        return slot(one, 2) == 0 ? error : (ULONG)ROW_WRONG;                                          \
    }

#define ULONG_ROWS_OF(function, before, value, after) \
    VALUE_ROWS_OF(function, PerfSetULongCounterValue, NARROW, 0, WIDE, before, value, after)
#define ULONGLONG_ROWS_OF(function, before, value, after) \
    VALUE_ROWS_OF(function, PerfSetULongLongCounterValue, WIDE, 1, NARROW, before, value, after)

/* Increments and decrements wrap modulo the value's size. */
ULONG_ROWS_OF(PerfSetULongCounterValue, 1, 0xFFFFFFFF, 0xFFFFFFFF)
ULONG_ROWS_OF(PerfIncrementULongCounterValue, 0xFFFFFFFF, 8, 7)
ULONG_ROWS_OF(PerfDecrementULongCounterValue, 7, 8, 0xFFFFFFFF)
ULONGLONG_ROWS_OF(PerfSetULongLongCounterValue, 1, UINT64_MAX, UINT64_MAX)
ULONGLONG_ROWS_OF(PerfIncrementULongLongCounterValue, UINT64_MAX, ((uint64_t)1 << 40) + 1, (uint64_t)1 << 40)
ULONGLONG_ROWS_OF(PerfDecrementULongLongCounterValue, (uint64_t)1 << 40, ((uint64_t)1 << 40) + 1, UINT64_MAX)

#define VALUE_ROWS_NAMES(X, function) \
    X(function##_changes_the_value)   \
    X(function##_of_unknown_counter)  \
    X(function##_of_other_size)       \
    X(function##_of_reference)

#define VALUE_ROWS(X)                                       \
    VALUE_ROWS_NAMES(X, PerfSetULongCounterValue)           \
    VALUE_ROWS_NAMES(X, PerfIncrementULongCounterValue)     \
    VALUE_ROWS_NAMES(X, PerfDecrementULongCounterValue)     \
    VALUE_ROWS_NAMES(X, PerfSetULongLongCounterValue)       \
    VALUE_ROWS_NAMES(X, PerfIncrementULongLongCounterValue) \
    VALUE_ROWS_NAMES(X, PerfDecrementULongLongCounterValue)

#endif

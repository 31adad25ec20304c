/*
 * The calls that -fsanitize=thread puts before every plain access, answered by the checker instead of the sanitizer's library.
 */
#include <stdbool.h>
#include <stddef.h>

void checker_plain(const void *address, size_t size, bool writes);

#define ANSWER(bytes)                              \
    void __tsan_read##bytes(const void *address);  \
    void __tsan_write##bytes(const void *address); \
    void __tsan_read##bytes(const void *address)   \
    {                                              \
        checker_plain(address, (bytes), false);    \
    }                                              \
    void __tsan_write##bytes(const void *address)  \
    {                                              \
        checker_plain(address, (bytes), true);     \
    }

/* NOLINTBEGIN(bugprone-reserved-identifier): the compiler's names. */
ANSWER(1)
ANSWER(2)
ANSWER(4)
ANSWER(8)
ANSWER(16)

void __tsan_read_range(const void *address, size_t size);
void __tsan_write_range(const void *address, size_t size);
void __tsan_init(void);
void __tsan_func_entry(const void *caller);
void __tsan_func_exit(void);

void __tsan_read_range(const void *address, size_t size)
{
    checker_plain(address, size, false);
}

void __tsan_write_range(const void *address, size_t size)
{
    checker_plain(address, size, true);
}

void __tsan_init(void)
{
}

void __tsan_func_entry(const void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}
/* NOLINTEND(bugprone-reserved-identifier) */

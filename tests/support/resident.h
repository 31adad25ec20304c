/* Memory of this process as the system sees it. */
#ifndef PERFPOOL_TESTS_RESIDENT_H
#define PERFPOOL_TESTS_RESIDENT_H

#include <stddef.h>

/* Resident bytes (Windows: the working set). */
size_t resident_bytes(void);
/* Bytes of address space in use, resident or not. */
size_t address_space_bytes(void);
/* Open handles of the process on Windows, open file descriptors on Linux. */
size_t open_handles(void);

#endif

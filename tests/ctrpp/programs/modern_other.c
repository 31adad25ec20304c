/* The second translation unit of modern.c: it sees the same variables. */
#include "fake_perflib.h"

#include "demopool.h"

#ifdef __cplusplus
extern "C" {
#endif
HANDLE other_handle(void);
GUID *other_guid(void);
void other_cleanup(void);

HANDLE other_handle(void)
{
    return DemoPool;
}

GUID *other_guid(void)
{
    return &DemoPoolGuid;
}

void other_cleanup(void)
{
    CounterCleanup();
}
#ifdef __cplusplus
}
#endif

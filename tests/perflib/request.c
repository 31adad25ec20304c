/* What ControlCallbacks are called with. */
#include "query.h"
#include "system.h"

#include <string.h>

/* Everything a request can be about. */
struct payload {
    PERF_COUNTER_IDENTITY identity;
    WCHAR text[SYSTEM_MACHINE_NAME + PERF_MAX_INSTANCE_NAME + 1];
};

/* A PERF_COUNTER_IDENTITY, the machine's name, the instance's name; offsets count from the identity, NameOffset 0 is no name. */
ULONG request_counter(const struct provider *provider, ULONG code, const struct wanted *wanted)
{
    struct payload payload;
    size_t length;

    if (provider->control == NULL)
        return ERROR_SUCCESS;
    memset(&payload, 0, sizeof payload);
    payload.identity.CounterSetGuid = wanted->set;
    payload.identity.CounterId = wanted->counter;
    payload.identity.InstanceId = wanted->id;
    payload.identity.MachineOffset = (ULONG)offsetof(struct payload, text);
    length = system_machine_name(payload.text) + 1;
    if (wanted->instance != NULL) {
        size_t name = name_length(wanted->instance) + 1;

        payload.identity.NameOffset = (ULONG)(offsetof(struct payload, text) + length * sizeof(WCHAR));
        memcpy(payload.text + length, wanted->instance, name * sizeof(WCHAR));
        length += name;
    }
    payload.identity.BufferSize = (ULONG)(offsetof(struct payload, text) + length * sizeof(WCHAR));
    return memory_call_control(provider->control, code, &payload, payload.identity.BufferSize);
}

ULONG request_machine(const struct provider *provider, ULONG code)
{
    WCHAR name[SYSTEM_MACHINE_NAME];
    size_t length;

    if (provider->control == NULL)
        return ERROR_SUCCESS;
    length = system_machine_name(name);
    return memory_call_control(provider->control, code, name, (ULONG)((length + 1) * sizeof(WCHAR)));
}

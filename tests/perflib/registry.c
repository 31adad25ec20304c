/* See registry.h. */
#include "registry.h"

#include "worker.h"

static struct lock registry_lock = LOCK_INITIAL;
static struct condition unpinned = CONDITION_INITIAL;
static struct provider *providers; /* under registry_lock */
static atomic_uint_least64_t serials;

uint64_t registry_serial(void)
{
    return atomic_fetch_add(&serials, 1) + 1;
}

void registry_add(struct provider *provider)
{
    lock_take(&registry_lock);
    provider->next = providers;
    providers = provider;
    lock_release(&registry_lock);
}

/* What points to the provider, or to the end of the list. Under the lock. */
static struct provider **place_of(const struct provider *provider)
{
    struct provider **place = &providers;

    while (*place != NULL && *place != provider)
        place = &(*place)->next;
    return place;
}

bool registry_remove(struct provider *provider)
{
    struct provider **place;
    bool found;

    lock_take(&registry_lock);
    place = place_of(provider);
    found = *place != NULL && !(provider->pins != 0 && worker_is_this_thread());
    if (found) {
        *place = provider->next;
        while (provider->pins != 0)
            condition_wait(&unpinned, &registry_lock);
    }
    lock_release(&registry_lock);
    return found;
}

bool registry_has_only(const struct provider *provider)
{
    bool only;

    lock_take(&registry_lock);
    only = providers == provider && providers->next == NULL;
    lock_release(&registry_lock);
    return only;
}

struct provider *registry_pin_next(uint64_t serial)
{
    struct provider *best = NULL;

    lock_take(&registry_lock);
    for (struct provider *provider = providers; provider != NULL; provider = provider->next)
        if (provider->memory.owner > serial && (best == NULL || provider->memory.owner < best->memory.owner))
            best = provider;
    if (best != NULL)
        best->pins++;
    lock_release(&registry_lock);
    return best;
}

struct provider *registry_pin(uint64_t serial)
{
    struct provider *provider = registry_pin_next(serial - 1);

    if (provider == NULL || provider->memory.owner == serial)
        return provider;
    registry_unpin(provider);
    return NULL;
}

void registry_unpin(struct provider *provider)
{
    lock_take(&registry_lock);
    provider->pins--;
    condition_wake_all(&unpinned);
    lock_release(&registry_lock);
}

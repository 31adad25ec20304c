#include "soak/cargo.h"

#include <stdint.h>

#include "support/pattern.h"
#include "support/require.h"

/* At the start of each block; `own` is its address, so that a block handed out twice is found whatever else is in it. */
struct cargo {
    const struct cargo *own;
    uint64_t size, seed;
};

void *cargo_make(perfpool_heap *heap, struct generator *generator, size_t largest, bool zeroed, bool may_fail)
{
    const size_t size = sizeof(struct cargo) + generator_size(generator, generator_below(generator, 100) == 0 ? largest : 900);
    struct cargo *cargo = AllocateMemory(size, heap);
    if (cargo == NULL && may_fail)
        return NULL;
    require(cargo != NULL && (uintptr_t)cargo % 64 == 0);
    require(!zeroed || pattern_is_all(cargo, size, 0));
    *cargo = (struct cargo){cargo, size, generator_next(generator)};
    pattern_fill(cargo + 1, size - sizeof *cargo, cargo->seed);
    return cargo;
}

void cargo_free(perfpool_heap *heap, void *block)
{
    struct cargo *cargo = block;
    if (cargo == NULL)
        return;
    require(cargo->own == cargo);
    require(pattern_holds(cargo + 1, (size_t)cargo->size - sizeof *cargo, cargo->seed));
    cargo->own = NULL;
    FreeMemory(cargo, heap);
}

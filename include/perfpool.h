/*
 * perfpool: memory for PERFLIB V2 counter instances.
 *
 * A heap is what pMemContext points to. Register AllocateMemory, FreeMemory and a heap (or NULL, the default heap) with
 * CounterInitialize, PerfAutoInitialize or PerfStartProviderEx; every block is whole cache lines of its own.
 *
 * Unless a function says otherwise it may be called by any thread at any time, on any heap that no other thread is destroying.
 * After an error the reason is in errno (Linux) or GetLastError (Windows).
 */
#ifndef PERFPOOL_H
#define PERFPOOL_H

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#define PERFPOOL_UNDEF_LEAN_AND_MEAN
#endif
#include <windows.h>
#ifdef PERFPOOL_UNDEF_LEAN_AND_MEAN
#undef WIN32_LEAN_AND_MEAN
#undef PERFPOOL_UNDEF_LEAN_AND_MEAN
#endif
#endif

#include <stddef.h>
#include <stdint.h>

/* PERFPOOL_API: how the functions are imported. A program that links the objects themselves defines PERFPOOL_STATIC. */
#if defined(PERFPOOL_STATIC)
#define PERFPOOL_API
#elif defined(PERFPOOL_BUILD) && defined(__ELF__) /* the library itself is compiled with hidden visibility */
#define PERFPOOL_API __attribute__((visibility("default")))
#elif defined(PERFPOOL_BUILD)
#define PERFPOOL_API
#elif defined(_WIN32)
#define PERFPOOL_API __declspec(dllimport)
#else
#define PERFPOOL_API
#endif

/* The two callbacks are __stdcall on Windows (the types PERF_MEM_ALLOC and PERF_MEM_FREE), all else is __cdecl. */
#ifdef _WIN32
#define PERFPOOL_CALLBACK CALLBACK
#define PERFPOOL_CALL __cdecl
typedef SIZE_T perfpool_size;
#else
#define PERFPOOL_CALLBACK
#define PERFPOOL_CALL
typedef size_t perfpool_size;
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define PERFPOOL_VERSION_MAJOR 1
#define PERFPOOL_VERSION_MINOR 0
#define PERFPOOL_VERSION_PATCH 0

/** A heap: one address range, its threads' pools and its options. Passed as pMemContext. */
typedef struct perfpool_heap perfpool_heap;

/** Heap flags, perfpool_options.flags. */
enum {
    PERFPOOL_NO_ZERO = 1,      /**< Blocks are not cleared on allocation. */
    PERFPOOL_CHECK_REMOTE = 2, /**< Every second free is caught at once, whichever thread makes it (debugging). */
    PERFPOOL_POISON = 4        /**< Writes past the requested size and into free blocks up to 32 KiB are caught, too. */
};

/** perfpool_heap_destroy: destroy the heap even if blocks are live; they become invalid. */
enum { PERFPOOL_DESTROY_LIVE = 1 };

/** What was wrong. */
typedef enum perfpool_fault_kind {
    PERFPOOL_FAULT_FOREIGN = 1,     /**< The pointer is in no heap. */
    PERFPOOL_FAULT_WRONG_HEAP,      /**< The pointer is in another heap than pContext. */
    PERFPOOL_FAULT_INTERIOR,        /**< The pointer is inside a block, not its start. */
    PERFPOOL_FAULT_NOT_ALLOCATED,   /**< No block was ever allocated there. */
    PERFPOOL_FAULT_DOUBLE_FREE,     /**< The block is free already. */
    PERFPOOL_FAULT_BAD_HEAP,        /**< pContext is no heap, or a destroyed one. */
    PERFPOOL_FAULT_OVERRUN,         /**< With POISON: written past the requested size. */
    PERFPOOL_FAULT_WRITE_AFTER_FREE /**< With POISON: written after it was freed. */
} perfpool_fault_kind;

/** One misuse, as told to a heap's handler. Valid during the handler's call only. */
typedef struct perfpool_fault {
    uint32_t size;             /**< sizeof(perfpool_fault) as the library was built; new fields come at the end. */
    perfpool_fault_kind kind;  /**< What was wrong. */
    const void *block;         /**< The pointer in question. */
    size_t block_size;         /**< Bytes of the block it belongs to, 0 if unknown. */
    const perfpool_heap *heap; /**< The heap the call named (for BAD_HEAP the bad pointer). */
    const char *heap_name;     /**< Its name, "" if unknown. */
    const char *text;          /**< The whole message, one line without the line end. */
} perfpool_fault;

/**
 * Called once for each fault, by the thread that found it, when the step it was found in is complete. It may call perfpool.
 * If it returns, the faulty call has had no effect; it must return or end the process, not jump out. The default handler writes
 * fault->text and ends the process.
 */
typedef void(PERFPOOL_CALL *perfpool_fault_fn)(const perfpool_fault *fault, void *arg);

/** Called for a live block of `size` usable bytes; non-zero ends the walk. Must not allocate or free in the heap. */
typedef int(PERFPOOL_CALL *perfpool_visit_fn)(const void *block, size_t size, void *arg);

/** Options of a heap. Zero the structure and set `size` to sizeof(perfpool_options); 0 means default everywhere. */
typedef struct perfpool_options {
    uint32_t size;              /**< sizeof(perfpool_options) as the caller was compiled. */
    uint32_t flags;             /**< PERFPOOL_NO_ZERO, PERFPOOL_CHECK_REMOTE, PERFPOOL_POISON. */
    const char *name;           /**< Shown in faults; up to 31 characters are copied. */
    size_t reserve;             /**< Address range for blocks in bytes, at most 256 GiB. An explicit value is all or nothing. */
    size_t limit;               /**< Most bytes committed at once: spans, tables, pools and magazines. */
    size_t precommit;           /**< Bytes committed and touched at creation. */
    uint32_t isolation;         /**< 64, or 128 to keep blocks clear of the adjacent-line prefetcher. */
    uint32_t unused;            /**< 0. */
    perfpool_fault_fn on_fault; /**< Handler for faults, NULL for the default one. */
    void *fault_arg;            /**< Passed to on_fault. */
} perfpool_options;

/** Figures of a heap. Set `size` to sizeof(perfpool_stats) before the call. */
typedef struct perfpool_stats {
    uint32_t size;                 /**< sizeof(perfpool_stats) as the caller was compiled. */
    uint32_t pools_bound;          /**< Pools that belong to a thread. */
    uint32_t pools_unbound;        /**< Pools without a thread: ended ones left them, or they are not here after fork. */
    uint32_t faults;               /**< Faults reported. */
    uint64_t reserved;             /**< Bytes of address range for blocks. */
    uint64_t committed;            /**< Bytes committed: spans, tables, pools and magazines. */
    uint64_t live_blocks;          /**< Blocks handed out and not freed. */
    uint64_t live_bytes;           /**< Their usable bytes (with POISON their requested bytes). */
    uint64_t magazines_posted;     /**< Magazines sent home to another pool, each with one atomic operation. */
    uint64_t blocks_posted;        /**< Blocks in them. */
    uint64_t magazines_taken_over; /**< Magazines taken from an idle pool's inbox by another pool. */
    uint64_t spans;                /**< Spans in use for small blocks. */
    uint64_t large_runs;           /**< Large blocks in use. */
    uint32_t classes;              /**< Entries of class_stats in use. */
    uint32_t unused;               /**< 0. */
    struct {
        uint32_t block_size;  /**< Bytes of a block of this class. */
        uint32_t spans;       /**< Spans cut into blocks of this class. */
        uint64_t live_blocks; /**< Blocks handed out and not freed. */
    } class_stats[64];        /**< One entry for each size class, by size. */
} perfpool_stats;

/**
 * PERF_MEM_ALLOC: gives a block of at least AllocSize bytes.
 *
 * @param AllocSize bytes wanted; 0 gives a smallest block.
 * @param pContext  the heap, NULL for the default heap.
 * @return the block, aligned to 64 bytes and sharing no cache line with any other; all usable bytes are zero unless the heap
 *         has PERFPOOL_NO_ZERO. NULL if no memory can be had, if no heap can serve the size or if pContext is no heap. Also
 *         where the last free memory of the heap is in the hands of a thread that trims it: it has it for a moment, and nobody
 *         waits. errno / last error are left as they were.
 *
 * Any thread. Lock-free; wait-free until the thread's pool runs dry. Never waits for another thread.
 * Contract: PERFLIB's AllocateMemory callback (PERF_MEM_ALLOC, perflib.h).
 */
PERFPOOL_API void *PERFPOOL_CALLBACK AllocateMemory(perfpool_size AllocSize, void *pContext);

/**
 * PERF_MEM_FREE: takes a block of AllocateMemory back, on whatever thread.
 *
 * @param pBuffer  the block; NULL does nothing. Anything else that is no live block of the heap is a fault.
 * @param pContext the heap it was allocated with.
 *
 * A stale pointer whose block has been handed out again meanwhile cannot be told from a right one. Nor can, while a block that
 * another thread freed is still on its way home, a second free of it by its owner: the block may then be handed out twice.
 * PERFPOOL_CHECK_REMOTE tells the latter.
 *
 * errno / last error are left as they were. Never needs memory.
 *
 * Any thread. Lock-free; wait-free but once per magazine. Never waits for another thread.
 *
 * Contract: PERFLIB's FreeMemory callback (PERF_MEM_FREE, perflib.h).
 */
PERFPOOL_API void PERFPOOL_CALLBACK FreeMemory(void *pBuffer, void *pContext);

/**
 * Makes a heap. Up to 1024 exist at once, the default heap among them.
 *
 * @param options NULL for defaults. An unknown size or flag or a value out of range is EINVAL / ERROR_INVALID_PARAMETER.
 * @return the heap, or NULL: ENOMEM / ERROR_NOT_ENOUGH_MEMORY if the system has no such range or all heaps are in use.
 *
 * Any thread. Lock-free, calls the system.
 */
PERFPOOL_API perfpool_heap *PERFPOOL_CALL perfpool_heap_create(const perfpool_options *options);

/**
 * The heap that NULL stands for, made if need be.
 *
 * @param options NULL: just get it (made with the environment's PERFPOOL_OPTIONS, else with defaults). Otherwise make it with
 *                these, which works before its first use only: else NULL and EBUSY / ERROR_ALREADY_INITIALIZED.
 * @return the heap, or NULL with the reasons of perfpool_heap_create.
 *
 * Any thread. Lock-free.
 */
PERFPOOL_API perfpool_heap *PERFPOOL_CALL perfpool_heap_default(const perfpool_options *options);

/**
 * Destroys a heap and gives its memory back. Call it after PerfStopProvider has returned.
 *
 * @param heap  not NULL and not the default heap: these are refused with EINVAL / ERROR_INVALID_PARAMETER and (size_t)-1.
 * @param flags 0, or PERFPOOL_DESTROY_LIVE to destroy it whatever is live.
 * @return live blocks found. With flags 0 the heap was destroyed only if this is 0.
 *
 * No other thread may be inside AllocateMemory or FreeMemory on this heap. Lock-free; whoever leaves the heap last releases it.
 */
PERFPOOL_API size_t PERFPOOL_CALL perfpool_heap_destroy(perfpool_heap *heap, unsigned flags);

/**
 * Gives back to the system what can be given: this thread's free blocks, those of ended threads, free spans.
 *
 * @return bytes given back. What other live threads have cached stays until they call perfpool_thread_detach or end.
 *
 * Any thread, concurrently with everything. Lock-free.
 */
PERFPOOL_API size_t PERFPOOL_CALL perfpool_heap_trim(perfpool_heap *heap);

/**
 * Reads a heap's figures; exact when no call is in flight, else each is a moment's view.
 *
 * @return 0, or -1: EINVAL / ERROR_INVALID_PARAMETER for an unknown stats->size or a bad heap, ENOMEM / ERROR_NOT_ENOUGH_MEMORY.
 *
 * Any thread, concurrently with everything. Lock-free.
 */
PERFPOOL_API int PERFPOOL_CALL perfpool_heap_stats(perfpool_heap *heap, perfpool_stats *stats);

/**
 * Visits every live block, in order of address; exact when no call is in flight.
 *
 * @return 0, or what `visit` returned if it was not 0, or -1 as for perfpool_heap_stats.
 *
 * Any thread, concurrently with everything. Lock-free.
 */
PERFPOOL_API int PERFPOOL_CALL perfpool_heap_walk(perfpool_heap *heap, perfpool_visit_fn visit, void *arg);

/**
 * Usable bytes of a block (with PERFPOOL_POISON the bytes requested), 0 if `block` is not a live block of the heap.
 *
 * Any thread. Wait-free.
 */
PERFPOOL_API size_t PERFPOOL_CALL perfpool_block_size(const void *block, const void *pContext);

/**
 * Gives this thread's pools back, in every heap; the next call of the thread takes pools anew.
 *
 * For threads that go idle for long. Any thread, for itself. Lock-free.
 */
PERFPOOL_API void PERFPOOL_CALL perfpool_thread_detach(void);

/** The version, "major.minor.patch". Wait-free. */
PERFPOOL_API const char *PERFPOOL_CALL perfpool_version(void);

#if defined(_INC_PERFLIB) || defined(_PERFLIB_H_) /* perflib.h was included before: MinGW's or the SDK's */
/** Fills a provider context for PerfStartProviderEx with perfpool's callbacks, `heap` (NULL: default) and a ControlCallback (or
 * NULL). */
static __inline void perfpool_fill_provider_context(PERF_PROVIDER_CONTEXT *context, PERFLIBREQUEST control_callback,
                                                    perfpool_heap *heap)
{
    context->ContextSize = (DWORD)sizeof(PERF_PROVIDER_CONTEXT);
    context->Reserved = 0;
    context->ControlCallback = control_callback;
    context->MemAllocRoutine = AllocateMemory;
    context->MemFreeRoutine = FreeMemory;
    context->pMemContext = heap;
}
#endif

#ifdef __cplusplus
}
#endif

#endif

// Blocks that one thread allocates and another frees, through the import library for Microsoft's linker, in C++.
#include "consumer.h"

namespace
{

class Heap
{
  public:
    Heap() : heap_(perfpool_heap_create(nullptr))
    {
        CHECK(heap_ != nullptr);
    }
    ~Heap()
    {
        CHECK(perfpool_heap_destroy(heap_, 0) == 0);
    }
    Heap(const Heap &) = delete;
    Heap &operator=(const Heap &) = delete;

    perfpool_heap *get() const
    {
        return heap_;
    }
    uint64_t live_blocks() const
    {
        static perfpool_stats stats;
        stats.size = sizeof(stats);
        CHECK(perfpool_heap_stats(heap_, &stats) == 0);
        return stats.live_blocks;
    }

  private:
    perfpool_heap *heap_;
};

struct Callbacks {
    PERF_MEM_ALLOC allocate;
    PERF_MEM_FREE release;
};

constexpr int n_blocks = 1000;
void *blocks[n_blocks];

struct Job {
    const Callbacks &callbacks;
    void *context;
};

// The thread that frees what the other has allocated, and allocates blocks of its own.
DWORD WINAPI free_all(void *argument)
{
    const Job &job = *static_cast<Job *>(argument);
    for (void *&block : blocks) {
        job.callbacks.release(block, job.context);
        block = job.callbacks.allocate(200, job.context);
    }
    return 7;
}

void swap_with_a_thread(const Callbacks &callbacks, const Heap &heap)
{
    for (void *&block : blocks) {
        block = callbacks.allocate(100, heap.get());
        CHECK(block != nullptr);
    }
    CHECK(heap.live_blocks() == n_blocks);
    Job job = {callbacks, heap.get()};
    const HANDLE thread = CreateThread(nullptr, 0, free_all, &job, 0, nullptr);
    CHECK(thread != nullptr);
    CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(heap.live_blocks() == n_blocks);
    for (void *block : blocks) {
        CHECK(perfpool_block_size(block, heap.get()) == 256);
        callbacks.release(block, heap.get());
    }
    CHECK(heap.live_blocks() == 0);
}

} // namespace

extern "C" int start()
{
    const Callbacks callbacks = {AllocateMemory, FreeMemory};
    {
        const Heap heap;
        swap_with_a_thread(callbacks, heap);
        int visits = 0;
        CHECK(perfpool_heap_walk(
                  heap.get(), [](const void *, size_t, void *arg) { return ++*static_cast<int *>(arg); }, &visits) == 0);
        CHECK(visits == 0);
    }
    consumer_write(GetStdHandle(STD_OUTPUT_HANDLE), "consumer of C++: passed\n");
    ExitProcess(0);
}

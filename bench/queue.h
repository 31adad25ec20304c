/*
 * A ring of pointers from one producer to one consumer, made to cost the benchmark little: both sides publish their progress
 * once in 64 items and look at the other's only when they must.
 *
 * The producer owns `head`, the consumer owns `tail`; each reads the other's published word. Items between tail and head are the
 * consumer's.
 */
#ifndef PERFPOOL_BENCH_QUEUE_H
#define PERFPOOL_BENCH_QUEUE_H

#include "work.h"

#include <sched.h>
#include <stdatomic.h>

enum { QUEUE_ITEMS = 4096, QUEUE_PUBLISH = 64, QUEUE_SPINS = 1000 };

struct queue_side {
    _Atomic uint64_t published;
    uint64_t own;   /* the owner's count of items passed */
    uint64_t other; /* the other side's count as last seen by the owner */
    uint64_t apart[13];
};

struct queue {
    struct queue_side head;
    struct queue_side tail;
    uint64_t room; /* most items in it at once; set before the threads start */
    uint64_t apart[15];
    void *items[QUEUE_ITEMS];
};

/* n empty queues with room for so many items each, in memory of the benchmark's own: bench_own_release. */
static inline struct queue *queues_open(unsigned n, uint64_t room)
{
    struct queue *queues = bench_own_memory(n * sizeof(struct queue));

    for (unsigned i = 0; i < n; i++)
        queues[i].room = room;
    return queues;
}

/* Makes all the side's progress visible. Release pairs with the acquire in queue_await. */
static inline void queue_publish(struct queue_side *side)
{
    atomic_store_explicit(&side->published, side->own, memory_order_release);
}

/* Waits until the other side has published more than `past`; lets another thread run if that takes long. */
static inline void queue_await(struct queue_side *mine, struct queue_side *other, uint64_t past)
{
    queue_publish(mine);
    for (unsigned spins = 1;; spins++) {
        mine->other = atomic_load_explicit(&other->published, memory_order_acquire);
        if (mine->other > past)
            return;
        if (spins % QUEUE_SPINS == 0)
            sched_yield();
        else
            bench_pause();
    }
}

/* Producer only. Waits while the ring is full. */
static inline void queue_put(struct queue *queue, void *item)
{
    struct queue_side *head = &queue->head;

    if (head->own - head->other == queue->room)
        queue_await(head, &queue->tail, head->other);
    queue->items[head->own % QUEUE_ITEMS] = item;
    if (++head->own % QUEUE_PUBLISH == 0)
        queue_publish(head);
}

/* Consumer only. Waits while nothing is published. */
static inline void *queue_get(struct queue *queue)
{
    struct queue_side *tail = &queue->tail;
    void *item;

    if (tail->own == tail->other)
        queue_await(tail, &queue->head, tail->other);
    item = queue->items[tail->own % QUEUE_ITEMS];
    if (++tail->own % QUEUE_PUBLISH == 0)
        queue_publish(tail);
    return item;
}

#endif

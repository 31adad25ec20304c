/*
 * Probes for SystemTap, bpftrace and perf, provider "perfpool", on the slow paths only. With the build option PERFPOOL_PROBES each
 * is one nop and a note in the library (readelf -n shows them); without it nothing.
 *
 *   refill  (heap, pool, class)         a bin of the pool ran dry and is refilled
 *   post    (heap, pool, owner, blocks) a magazine of blocks goes home to the pool that owns them
 *   drain   (heap, pool, blocks)        a pool takes a magazine out of its inbox
 *   adopt   (heap, pool)                a thread takes the pool that another one left
 *   span    (heap, pool, class, span)   a pool claims a span
 *   fault   (heap, kind, block)         a misuse is reported
 *
 * Pools, classes and spans are numbers; heap is the address callers know it by.
 */
#ifndef PERFPOOL_PROBES_H
#define PERFPOOL_PROBES_H

#ifdef PERFPOOL_PROBES
#include <sys/sdt.h>
#define PROBE_REFILL(heap, pool, class) DTRACE_PROBE3(perfpool, refill, heap, pool, class)
#define PROBE_POST(heap, pool, owner, blocks) DTRACE_PROBE4(perfpool, post, heap, pool, owner, blocks)
#define PROBE_DRAIN(heap, pool, blocks) DTRACE_PROBE3(perfpool, drain, heap, pool, blocks)
#define PROBE_ADOPT(heap, pool) DTRACE_PROBE2(perfpool, adopt, heap, pool)
#define PROBE_SPAN(heap, pool, class, span) DTRACE_PROBE4(perfpool, span, heap, pool, class, span)
#define PROBE_FAULT(heap, kind, block) DTRACE_PROBE3(perfpool, fault, heap, kind, block)
#else
#define PROBE_REFILL(heap, pool, class) ((void)0)
#define PROBE_POST(heap, pool, owner, blocks) ((void)0)
#define PROBE_DRAIN(heap, pool, blocks) ((void)0)
#define PROBE_ADOPT(heap, pool) ((void)0)
#define PROBE_SPAN(heap, pool, class, span) ((void)0)
#define PROBE_FAULT(heap, kind, block) ((void)0)
#endif

#endif

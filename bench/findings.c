/* See bench.h: what a workload found besides its time. */
#include "bench.h"

void bench_find(struct bench_findings *findings, const char *name, double value)
{
    if (findings->n == sizeof findings->at / sizeof findings->at[0])
        bench_fail("more findings than there is room for");
    findings->at[findings->n].name = name;
    findings->at[findings->n++].value = value;
}

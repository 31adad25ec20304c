/*
 * Sequences: any bytes, read as calls of the whole public interface by several threads on several heaps, proper and improper ones,
 * each compared with the reference model. What goes wrong ends the process with exit code 1 and a line that says where.
 */
#ifndef PERFPOOL_TESTS_SEQUENCE_H
#define PERFPOOL_TESTS_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

/* Runs one. From one thread at a time; the process's default heap is its own between runs too. */
void sequence_run(const uint8_t *bytes, size_t size);

#endif

/* The improper steps of a sequence: each must be told to the handler as what it is, and change nothing. */
#ifndef PERFPOOL_TESTS_MISUSE_H
#define PERFPOOL_TESTS_MISUSE_H

#include "fuzz/model.h"

/* `kind` picks the misuse and `number` the victim; does nothing if there is none. */
void misuse(struct model *model, unsigned heap, unsigned kind, unsigned number);

#endif

/* When the live table of a program that perflib-live runs begins and ends; see perflib_live.h. */
#ifndef PERFPOOL_TESTS_PERFLIB_LIVE_H
#define PERFPOOL_TESTS_PERFLIB_LIVE_H

/* Set by perflib-live to a file that gets longer with each sample, so that it can tell whether there was any. */
#define LIVE_MARK_VARIABLE "PERFLIB_LIVE_MARK"

/* A provider was started: the first starts the table, if the environment asks for it. */
void live_provider_started(void);

/* The last provider is about to be stopped: what it has to show is printed before. */
void live_last_provider_stops(void);

#endif

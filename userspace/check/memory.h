/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Touching memory that may end in a signal, and comparing what its pages hold.
 */
#ifndef MMSCOPE_CHECK_MEMORY_H
#define MMSCOPE_CHECK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target;

/* Where in a page its mark is: not at the begin, where devices have what they act upon. */
#define MEMORY_MARK	2048

/* What is taken is full of these. */
#define MEMORY_TAKEN	0xa5a5a5a5a5a5a5a5ULL
/* And so is what is free, where the kernel has page_poison=1. */
#define MEMORY_POISON	0xaaaaaaaaaaaaaaaaULL
/* So much of it, where it is not only between two looks */
#define MEMORY_MUCH	(32 << 20)

size_t page_bytes(void);
void memory_guard(void);
int memory_read(const char *at, uint64_t *value);
int memory_write(char *at, uint64_t value);
uint64_t memory_mark(size_t page);
void memory_take(size_t bytes);
bool memory_learn(struct target *target, char *at);
bool memory_learn_some(struct target *target, char *at, size_t n);
bool memory_agrees(const struct target *target, const char *at, size_t first, size_t n,
		   const char *when);
bool memory_agrees_again(const struct target *target, char *at, size_t first, size_t n,
			 const char *when);
bool memory_holds(const struct target *target, const void *copy, size_t page);

#endif

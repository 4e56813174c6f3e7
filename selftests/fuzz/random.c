// SPDX-License-Identifier: GPL-2.0
/* What the calls are given. */
#include "fuzz.h"

int fuzz_fds[FDS];
char *fuzz_arena;
size_t *fuzz_calls;
char *fuzz_own;
__thread __u64 fuzz_state;

__u64 rnd(void)
{
	fuzz_state ^= fuzz_state << 13;
	fuzz_state ^= fuzz_state >> 7;
	fuzz_state ^= fuzz_state << 17;
	return fuzz_state;
}

__u64 below(__u64 n)
{
	return rnd() % n;
}

bool one_in(unsigned int n)
{
	return !below(n);
}

/* A number: small, near a power of two, or any */
__u64 number(void)
{
	switch (below(4)) {
	case 0:
		return below(8);
	case 1:
		return below(4096);
	case 2:
		return (1ULL << below(64)) + below(3) - 1;
	default:
		return rnd();
	}
}

/* Flags: few of those that there are, seldom others */
__u64 bits(__u64 known)
{
	__u64 mask = rnd() & rnd() & known;

	return one_in(32) ? mask | 1ULL << below(64) : mask;
}

int any_fd(void)
{
	return one_in(64) ? (int)number() : fuzz_fds[below(FDS)];
}

char *any_page(void)
{
	return fuzz_arena + below(ARENA) * page_size();
}

/* Some pages of the arena */
size_t any_length(const char *p)
{
	size_t room = (fuzz_arena + ARENA * page_size() - p) / page_size(), n;

	n = one_in(8) ? below(room) + 1 : below(32) + 1;
	return (n < room ? n : room) * page_size();
}

/* A place to read from or write to: in the arena, at its pages' edges, nowhere, anywhere */
void *any_buffer(void)
{
	switch (below(8)) {
	case 0:
		return fuzz_own + below(4096);
	case 1:
		return any_page() - below(256);
	case 2:
		return (void *)number();
	case 3:
		return any_page() + below(page_size());
	default:
		return any_page();
	}
}

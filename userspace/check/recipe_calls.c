// SPDX-License-Identifier: GPL-2.0
/*
 * The lines of a recipe: the calls that a device wants before it can be mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "check/recipe.h"
#include "check/target.h"

/* A call was made: its file descriptor gets a name. */
static bool opened(struct recipe_state *state, const char *what, const char *name, long fd)
{
	if (fd < 0)
		return recipe_wrong(state, "%s: %s", what, strerrorname_np(errno));
	if (!state->dry && !recipe_keep(fd))
		return recipe_wrong(state, "%s: too many open files", what);
	return recipe_set(state, name, fd);
}

static bool open_line(struct recipe_state *state, char **w, size_t n)
{
	static const struct {
		const char *word;
		int flags;
	} ways[] = { { "r", O_RDONLY }, { "w", O_WRONLY }, { "rw", O_RDWR } };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(w[3], ways[i].word))
			return opened(state, w[2], w[1], state->dry ? 0 :
				      open(w[2], ways[i].flags | O_CLOEXEC));
	return recipe_wrong(state, "%s: r, w or rw", w[3]);
}

static bool socket_line(struct recipe_state *state, char **w, size_t n)
{
	uint64_t domain, type, protocol;

	if (!recipe_value(state, w[2], &domain) || !recipe_value(state, w[3], &type) ||
	    !recipe_value(state, w[4], &protocol))
		return false;
	return opened(state, w[0], w[1],
		      state->dry ? 0 : socket(domain, type | SOCK_CLOEXEC, protocol));
}

static bool option_line(struct recipe_state *state, char **w, size_t n)
{
	uint64_t fd, level, option;
	struct recipe_fields at;
	socklen_t size;
	int err;

	if (!recipe_value(state, w[1], &fd) || !recipe_value(state, w[2], &level) ||
	    !recipe_value(state, w[3], &option) || !recipe_fields(state, w + 4, n - 4, &at))
		return false;
	size = at.n;
	if (state->dry)
		err = 0;
	else if (*w[0] == 'g')
		err = getsockopt(fd, level, option, at.bytes, &size);
	else
		err = setsockopt(fd, level, option, at.bytes, size);
	if (err)
		return recipe_wrong(state, "%s: %s", w[0], strerrorname_np(errno));
	return recipe_fields_take(state, &at);
}

static bool bind_line(struct recipe_state *state, char **w, size_t n)
{
	struct recipe_fields at;
	uint64_t fd;

	if (!recipe_value(state, w[1], &fd) || !recipe_fields(state, w + 2, n - 2, &at))
		return false;
	if (!state->dry && bind(fd, (const struct sockaddr *)at.bytes, at.n))
		return recipe_wrong(state, "bind: %s", strerrorname_np(errno));
	return true;
}

/* io:T:N, ior:T:N, iow:T:N, iowr:T:N, of which the fields have the size; or a number */
static bool request(struct recipe_state *state, char *word, size_t size, uint64_t *number)
{
	static const struct {
		const char *word;
		unsigned int way;
	} ways[] = {
		{ "io", _IOC_NONE }, { "ior", _IOC_READ }, { "iow", _IOC_WRITE },
		{ "iowr", _IOC_READ | _IOC_WRITE },
	};
	char *type = strchr(word, ':'), *nr = type ? strchr(type + 1, ':') : NULL;
	uint64_t t, no;

	if (!type)
		return recipe_value(state, word, number);
	if (!nr)
		return recipe_wrong(state, "%s: no request: iowr:'T':NUMBER", word);
	*type++ = 0;
	*nr++ = 0;
	if (!recipe_value(state, type, &t) || !recipe_value(state, nr, &no))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(word, ways[i].word))
			continue;
		*number = _IOC(ways[i].way, t, no, ways[i].way == _IOC_NONE ? 0 : size);
		return true;
	}
	return recipe_wrong(state, "%s: no request: io, ior, iow or iowr", word);
}

/* In pages of a file: read they are there, but not written. Return: what ioctl(2) does */
static long ioctl_apart(int fd, uint64_t number, struct recipe_fields *to)
{
	int file = memfd_create("mmscope check", MFD_CLOEXEC), err;
	void *at = MAP_FAILED;
	long got;

	if (file >= 0 && pwrite(file, to->bytes, sizeof(to->bytes), 0) == sizeof(to->bytes))
		at = mmap(NULL, sizeof(to->bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	close(file);
	if (at == MAP_FAILED)
		return ioctl(fd, number, to->bytes);
	got = ioctl(fd, number, at);
	err = errno;
	memcpy(to->bytes, at, to->n);
	munmap(at, sizeof(to->bytes));
	errno = err;
	return got;
}

static bool ioctl_line(struct recipe_state *state, char **w, size_t n)
{
	struct recipe_fields at = { .n = 0 };
	uint64_t fd, number, arg = 0;
	const char *result = NULL;
	long got = 0;
	bool plain;

	if (n > 4 && !strcmp(w[n - 2], "->")) {
		result = w[n - 1];
		n -= 2;
	}
	plain = n == 4 && !strncmp(w[3], "arg:", 4);
	if (!recipe_value(state, w[1], &fd))
		return false;
	if (plain ? !recipe_value(state, w[3] + 4, &arg) :
	    !recipe_fields(state, w + 3, n - 3, &at))
		return false;
	if (!request(state, w[2], at.n, &number))
		return false;
	if (!state->dry)
		got = plain ? ioctl(fd, number, arg) : state->apart ?
		      ioctl_apart(fd, number, &at) : ioctl(fd, number, at.bytes);
	if (got < 0)
		return recipe_wrong(state, "ioctl 0x%lx: %s", number, strerrorname_np(errno));
	if (!recipe_fields_take(state, &at))
		return false;
	return !result || recipe_set(state, result, got);
}

static bool perf_line(struct recipe_state *state, char **w, size_t n)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .disabled = 1, .exclude_kernel = 1, .exclude_hv = 1,
	};
	uint64_t type, config;

	if (!recipe_value(state, w[2], &type) || !recipe_value(state, w[3], &config))
		return false;
	attr.type = type;
	attr.config = config;
	return opened(state, w[0], w[1], state->dry ? 0 :
		      syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

/* NAME.sq, NAME.cq and NAME.sqes are the lengths of what can be mapped. */
static bool io_uring_line(struct recipe_state *state, char **w, size_t n)
{
	struct io_uring_params params = { 0 };
	char name[40];
	uint64_t entries;

	if (!recipe_value(state, w[2], &entries) ||
	    !opened(state, w[0], w[1], state->dry ? 0 :
		    syscall(SYS_io_uring_setup, entries, &params)))
		return false;
	snprintf(name, sizeof(name), "%.20s.sq", w[1]);
	if (!recipe_set(state, name, params.sq_off.array + params.sq_entries * sizeof(__u32)))
		return false;
	snprintf(name, sizeof(name), "%.20s.cq", w[1]);
	if (!recipe_set(state, name, params.cq_off.cqes +
			params.cq_entries * sizeof(struct io_uring_cqe)))
		return false;
	snprintf(name, sizeof(name), "%.18s.sqes", w[1]);
	return recipe_set(state, name, params.sq_entries * sizeof(struct io_uring_sqe));
}

static bool memfd_line(struct recipe_state *state, char **w, size_t n)
{
	static const struct {
		const char *word;
		unsigned int seal;
	} seals[] = {
		{ "seal", F_SEAL_SEAL }, { "shrink", F_SEAL_SHRINK }, { "grow", F_SEAL_GROW },
		{ "write", F_SEAL_WRITE }, { "future_write", 0x10 },
	};
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING, seal = 0;
	uint64_t size;
	size_t i, k;
	int fd;

	for (i = 3; i < n; i++) {
		for (k = 0; k < ARRAY_SIZE(seals) && strcmp(seals[k].word, w[i]); k++)
			;
		if (k < ARRAY_SIZE(seals))
			seal |= seals[k].seal;
		else if (!strcmp(w[i], "hugetlb"))
			flags |= MFD_HUGETLB;
		else
			return recipe_wrong(state, "%s: no seal", w[i]);
	}
	if (!recipe_value(state, w[2], &size))
		return false;
	fd = state->dry ? 0 : memfd_create("mmscope check", flags);
	if (!opened(state, w[0], w[1], fd))
		return false;
	if (!state->dry && (ftruncate(fd, size) || (seal && fcntl(fd, F_ADD_SEALS, seal))))
		return recipe_wrong(state, "memfd: %s", strerrorname_np(errno));
	return true;
}

/* bpf NAME TYPE KEY VALUE ENTRIES FLAGS: a map */
static bool bpf_line(struct recipe_state *state, char **w, size_t n)
{
	union bpf_attr attr = { 0 };
	uint64_t v[5];

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (!recipe_value(state, w[i + 2], &v[i]))
			return false;
	attr.map_type = v[0];
	attr.key_size = v[1];
	attr.value_size = v[2];
	attr.max_entries = v[3];
	attr.map_flags = v[4];
	return opened(state, w[0], w[1], state->dry ? 0 :
		      syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static bool exec_line(struct recipe_state *state, char **w, size_t n)
{
	return opened(state, w[2], w[1], state->dry ? 0 : recipe_receive(w + 2));
}

static bool map_line(struct recipe_state *state, char **w, size_t n)
{
	uint64_t value;

	if (!recipe_value(state, w[1], &value))
		return false;
	if (*w[0] == 'm') {
		state->result.fd = value;
		state->mapped = true;
	} else if (*w[0] == 'l') {
		state->result.length = value;
	} else {
		state->result.offset = value;
	}
	return true;
}

static bool say_line(struct recipe_state *state, char **w, size_t n)
{
	static const struct {
		const char *word;
		unsigned int says;
	} words[] = {
		{ "cleared", SAY_CLEARED }, { "device-writes", SAY_CHANGES }, { "gup", SAY_GUP },
		{ "grow", SAY_GROW }, { "inherit", SAY_INHERIT }, { "cut", SAY_CUT },
	};
	uint64_t value;

	if (!strcmp(w[1], "extent")) {
		if (n != 3)
			return recipe_wrong(state, "say extent BYTES");
		if (!recipe_value(state, w[2], &value))
			return false;
		state->result.extent = value;
		return true;
	}
	for (size_t i = 0; n == 2 && i < ARRAY_SIZE(words); i++) {
		if (strcmp(w[1], words[i].word))
			continue;
		state->result.says |= words[i].says;
		return true;
	}
	return recipe_wrong(state, "say: extent BYTES, cleared, device-writes, gup, grow, "
			    "inherit, cut");
}

/**
 * recipe_line - follow a line
 * @state: of the recipe
 * @words: of the line, ended by NULL; they are changed
 * @n: how many
 */
bool recipe_line(struct recipe_state *state, char **words, size_t n)
{
	static const struct {
		const char *word;
		size_t least;
		size_t most;
		bool (*run)(struct recipe_state *state, char **w, size_t n);
	} lines[] = {
		{ "open", 4, 4, open_line }, { "socket", 5, 5, socket_line },
		{ "setsockopt", 5, RECIPE_WORDS, option_line },
		{ "getsockopt", 5, RECIPE_WORDS, option_line },
		{ "bind", 3, RECIPE_WORDS, bind_line }, { "ioctl", 3, RECIPE_WORDS, ioctl_line },
		{ "perf_event_open", 4, 4, perf_line }, { "io_uring_setup", 3, 3, io_uring_line },
		{ "memfd", 3, 8, memfd_line }, { "bpf", 7, 7, bpf_line },
		{ "exec", 3, RECIPE_WORDS, exec_line }, { "map", 2, 2, map_line },
		{ "length", 2, 2, map_line }, { "offset", 2, 2, map_line },
		{ "say", 2, 3, say_line },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (strcmp(words[0], lines[i].word))
			continue;
		if (n < lines[i].least || n > lines[i].most)
			return recipe_wrong(state, "%s: %s words", words[0],
					    n < lines[i].least ? "too few" : "too many");
		return lines[i].run(state, words, n);
	}
	return recipe_wrong(state, "%s: no such line", words[0]);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics for whoever asks by HTTP. The tool has one thread: libmicrohttpd is called by the session
 * when a request waits, between two records, so that a page has the counts of one moment.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/tool.h"
#include "scrape/address.h"
#include "scrape/httpd.h"
#include "scrape/server.h"
#include "term/print.h"

#define FORMAT		"text/plain; version=0.0.4; charset=utf-8"
#define CONNECTIONS	32
#define BACKLOG		16
#define SILENCE_S	10	/* who says nothing for so long is hung up on */
#define POLL_MS		50

static const char front[] =
	"<!DOCTYPE html><html lang=\"en\"><title>mmscope</title>"
	"<h1>mmscope</h1><p><a href=\"/metrics\">Metrics</a></p></html>\n";

static struct MHD_Daemon *daemon_of;
static char *(*text_of)(size_t *n);
static int fd_of = -1;

static enum MHD_Result answer_with(struct MHD_Connection *to, unsigned int status,
				   struct MHD_Response *response, const char *type)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	httpd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		httpd.add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
	result = httpd.queue_response(to, status, response);
	httpd.destroy_response(response);
	return result;
}

static enum MHD_Result answer_words(struct MHD_Connection *to, unsigned int status,
				    const char *words, const char *type)
{
	return answer_with(to, status,
			   httpd.create_response_from_buffer(strlen(words), (void *)words,
							   MHD_RESPMEM_PERSISTENT), type);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *to)
{
	size_t n;
	char *text = text_of(&n);

	return answer_with(to, MHD_HTTP_OK,
			   httpd.create_response_from_buffer(n, text, MHD_RESPMEM_MUST_FREE),
			   FORMAT);
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *to, const char *path,
			      const char *method, const char *version, const char *body,
			      size_t *body_size, void **state)
{
	static int seen;

	/* The first call is made before the rest of the request is read. */
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	if (*body_size) {
		*body_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET))
		return answer_words(to, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n", "text/plain");
	if (!strcmp(path, "/metrics"))
		return answer_metrics(to);
	if (!strcmp(path, "/"))
		return answer_words(to, MHD_HTTP_OK, front, "text/html; charset=utf-8");
	return answer_words(to, MHD_HTTP_NOT_FOUND, "there is /metrics\n", "text/plain");
}

static int refuse(const char *where, int error)
{
	switch (error) {
	case EADDRINUSE:
		return report_fail(EXIT_ENVIRONMENT, where, "somebody else listens there",
				   "choose another port");
	case EADDRNOTAVAIL:
		return report_fail(EXIT_ENVIRONMENT, where, "this machine has no such address",
				   "ip address lists them");
	case EACCES:
		return report_fail(EXIT_ENVIRONMENT, where, "that port is root's",
				   "choose one from 1024 on");
	}
	return report_fail(EXIT_ENVIRONMENT, where, strerror(error), "choose another address");
}

/* A socket of our own: libmicrohttpd does not tell why it has none. */
static int listen_at(const struct address *address)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!bind(fd, &address->any, address->size) && !listen(fd, BACKLOG))
		return fd;
	yes = errno;
	close(fd);
	errno = yes;
	return -1;
}

/**
 * server_open - begin to listen; nobody is answered before server_run()
 * @where: address and port
 * @text: makes what is answered, which is freed
 *
 * Return: 0, or an exit code after a complaint
 */
int server_open(const char *where, char *(*text)(size_t *n))
{
	const union MHD_DaemonInfo *info;
	struct address address;
	const char *why = address_parse(&address, where);
	int fd;

	if (why)
		return report_fail(EXIT_USAGE, where, why, "man mmscope");
	why = httpd_load();
	if (why)
		return report_fail(EXIT_ENVIRONMENT, "--listen", why, "install libmicrohttpd");
	fd = listen_at(&address);
	if (fd < 0)
		return refuse(where, errno);
	if (!address_is_local(&address))
		report_message("metrics: %s: whoever can reach it may read the metrics", where);
	text_of = text;
	daemon_of = httpd.start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, NULL,
				       MHD_OPTION_LISTEN_SOCKET, fd,
				       MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				       MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_S, MHD_OPTION_END);
	info = daemon_of ? httpd.get_daemon_info(daemon_of, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		close(fd);
		return report_fail(EXIT_ENVIRONMENT, where, "libmicrohttpd does not begin",
				   "is there an epoll(7)?");
	}
	fd_of = info->epoll_fd;
	return 0;
}

/**
 * server_fd - becomes readable when somebody waits for an answer; -1 while nobody listens
 */
int server_fd(void)
{
	return fd_of;
}

/**
 * server_run - answer whoever waits
 */
void server_run(void)
{
	if (daemon_of)
		httpd.run(daemon_of);
}

/**
 * server_wait - answer until Ctrl-C or SIGTERM
 */
void server_wait(void)
{
	struct pollfd fds[2] = { { .fd = fd_of, .events = POLLIN }, { .events = POLLIN } };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
	while (!fds[1].revents) {
		poll(fds, ARRAY_SIZE(fds), POLL_MS);
		server_run();
	}
	close(fds[1].fd);
}

/**
 * server_close - listen no more
 */
void server_close(void)
{
	if (daemon_of)
		httpd.stop_daemon(daemon_of);
	daemon_of = NULL;
	fd_of = -1;
}

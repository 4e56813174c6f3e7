/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_HTTPD_H
#define MMSCOPE_SCRAPE_HTTPD_H

#include <microhttpd.h>

/**
 * struct httpd - functions of libmicrohttpd, called as there
 */
struct httpd {
	typeof(MHD_start_daemon) *start_daemon;
	typeof(MHD_stop_daemon) *stop_daemon;
	typeof(MHD_get_daemon_info) *get_daemon_info;
	typeof(MHD_run) *run;
	typeof(MHD_create_response_from_buffer) *create_response_from_buffer;
	typeof(MHD_add_response_header) *add_response_header;
	typeof(MHD_queue_response) *queue_response;
	typeof(MHD_destroy_response) *destroy_response;
};

extern struct httpd httpd;

const char *httpd_load(void);

#endif

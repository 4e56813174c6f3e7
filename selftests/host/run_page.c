// SPDX-License-Identifier: GPL-2.0
/*
 * A page of experiments, made of what was stored of a run: lines as of mmscope run --json on stdin.
 *
 *	run_page [TEXT]		TEXT: the lesson of each
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include "lab/experiment.h"
#include "lab/page.h"

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : NULL;
	const struct experiment lesson = {
		.textbook = text, .kernel = text, .look = text, .next = text, .see = text,
	};
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		struct json_object *run = json_tokener_parse(line);

		if (!run)
			return 1;
		if (json_object_object_get_ex(run, "experiment", NULL))
			page_add(run, text ? &lesson : NULL);
		json_object_put(run);
	}
	free(line);
	page_write(stdout);
	return ferror(stdout);
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_GAUGES_H
#define MMSCOPE_SCRAPE_GAUGES_H

struct exposition;
struct scraped;

void gauges_write(struct exposition *out, const struct scraped *of);
void losses_write(struct exposition *out, const struct scraped *of);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables and views of the database. Times are ns as in the records, and s since the first one in
 * views. Addresses of the kernel are negative: SQLite's integers have a sign.
 */
#ifndef MMSCOPE_EXPORT_SQLITE_SCHEMA_H
#define MMSCOPE_EXPORT_SQLITE_SCHEMA_H

#define SQLITE_TABLES \
	"CREATE TABLE info(name TEXT PRIMARY KEY, value) WITHOUT ROWID;" \
	"CREATE TABLE mm(mm INTEGER PRIMARY KEY, parent INT, pid INT, comm TEXT, from_ns INT," \
	" to_ns INT);" \
	"CREATE TABLE vma(vma INTEGER PRIMARY KEY, mm INT, start INT, end INT, name TEXT," \
	" rights TEXT, page INT, parent INT, heir INT, from_ns INT, born TEXT, born_by TEXT," \
	" born_tid INT, to_ns INT, ended TEXT, ended_by TEXT, ended_tid INT, faults INT," \
	" pages INT);" \
	"CREATE TABLE range(mm INT, vma INT, start INT, end INT, rights TEXT, page INT," \
	" from_ns INT, to_ns INT);" \
	"CREATE TABLE stack(stack INT, depth INT, function TEXT, file TEXT, line INT," \
	" program TEXT, offset INT, end TEXT, PRIMARY KEY(stack, depth)) WITHOUT ROWID;" \
	"CREATE TABLE fault(time_ns INT, mm INT, vma INT, tid INT, cpu INT, class TEXT, addr INT," \
	" ip INT, access TEXT, by TEXT, pages INT, ns INT, major INT, error TEXT, reason TEXT," \
	" stack INT);" \
	"CREATE TABLE call(time_ns INT, mm INT, vma INT, parent INT, tid INT, event TEXT," \
	" by TEXT, start INT, end INT, aux INT, pages INT, words TEXT);" \
	"CREATE TABLE rss(time_ns INT, mm INT, file INT, anon INT, swap INT, shmem INT," \
	" hugetlb INT);" \
	"CREATE TABLE lost(time_ns INT, records INT);"

#define SQLITE_INDEXES \
	"CREATE INDEX vma_start ON vma(mm, start);" \
	"CREATE INDEX range_start ON range(mm, start);" \
	"CREATE INDEX range_vma ON range(vma);" \
	"CREATE INDEX fault_addr ON fault(mm, addr);" \
	"CREATE INDEX fault_vma ON fault(vma);" \
	"CREATE INDEX fault_time ON fault(time_ns);" \
	"CREATE INDEX call_start ON call(mm, start);" \
	"CREATE INDEX call_vma ON call(vma);" \
	"CREATE INDEX rss_time ON rss(mm, time_ns);"

#define SQLITE_SECONDS(column) \
	"round((" column " - (SELECT value FROM info WHERE name = 'first_ns')) / 1e9, 9)"

#define SQLITE_VIEWS \
	"CREATE VIEW held AS SELECT r.mm, m.pid, m.comm, r.vma, v.name, r.start, r.end, r.rights," \
	" " SQLITE_SECONDS("r.from_ns") " AS from_s, " SQLITE_SECONDS("r.to_ns") " AS to_s," \
	" v.parent, v.born, v.born_by, v.ended, v.ended_by, v.ended_tid, r.from_ns, r.to_ns" \
	" FROM range r JOIN vma v USING(vma) LEFT JOIN mm m ON m.mm = r.mm;" \
	"CREATE VIEW mapped AS SELECT r.mm, r.from_ns, ifnull(r.to_ns, 9223372036854775807) AS" \
	" to_ns, printf('%llx-%llx', r.start, r.end) AS range, r.rights, r.page, r.vma, v.name," \
	" r.start, r.end FROM range r JOIN vma v USING(vma) ORDER BY r.mm, r.start;" \
	"CREATE VIEW by_class AS SELECT class, count(*) AS faults, sum(pages) AS pages," \
	" sum(ns) AS ns, max(ns) AS max_ns FROM fault GROUP BY class ORDER BY faults DESC;" \
	"CREATE VIEW by_vma AS SELECT v.vma, v.mm, v.name, f.class, count(*) AS faults," \
	" sum(f.pages) AS pages, sum(f.ns) AS ns FROM fault f JOIN vma v USING(vma)" \
	" GROUP BY v.vma, f.class ORDER BY faults DESC;" \
	"CREATE VIEW by_function AS SELECT s.function, s.program, f.class, count(*) AS faults," \
	" sum(f.pages) AS pages, sum(f.ns) AS ns FROM fault f JOIN stack s ON s.stack = f.stack" \
	" AND s.depth = 0 GROUP BY s.function, s.program, f.class ORDER BY faults DESC;"

#endif

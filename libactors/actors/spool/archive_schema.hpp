#pragma once

#include <cstddef>
#include <cstdint>

namespace actors {

// The file of an event archive. For people and their programs there is the view `events`; the rest
// may grow columns, with a new version.
//
//     streams   one row for each run of a pipeline on some node (some 200 bytes; kept for ever,
//               since it is what makes "each once" true)
//       last_seq     all numbers up to it are there, or missing
//       missing      the ranges that have not come, "5-7,9" (those that may still come; of many
//                    the lowest are left out)
//       gaps         how many numbers have not come
//       records      how many were stored
//       peer         who brought the last of them
//       first_time, last_time   of its first and last record, nanoseconds since 1970
//     roots     paths of watched roots, of all nodes; stream_roots: which stream has which
//     records   id: the order in which they came. path, from_path: TEXT, or a BLOB when not UTF-8.
//               root: roots.id, or NULL. type, ftype: numbers of `event_type` and `file_type`.
//               flags: 1 replaced, 2 initial, 4 baseline. time: nanoseconds since 1970. For
//               markers: text, dirs, files, changes, ms.
//     cursors   how far each consumer in the collector has got: records.id
//     progress  one row: the highest id that was ever given, so that none is given twice though
//               records are deleted; and what was stored since the file was made
//
// An operator may delete records, and add indexes, while the collector runs.

constexpr std::uint64_t archive_application_id = 0x41434152; ///< "ACAR"
constexpr std::uint64_t archive_version = 1;

constexpr std::uint64_t archive_flag_replaced = 1;
constexpr std::uint64_t archive_flag_initial = 2;
constexpr std::uint64_t archive_flag_baseline = 4;

/// Of one stream, all together. A pipeline may watch some thousands of roots; beyond it a batch is
/// refused, and a record of a stream that has so many has none.
constexpr std::size_t archive_roots_bytes_max = 256 * 1024;

/// Makes the tables of a new file.
constexpr auto archive_tables_sql = R"(
CREATE TABLE streams(
  id INTEGER PRIMARY KEY, node TEXT NOT NULL, pipeline TEXT NOT NULL, stream TEXT NOT NULL UNIQUE,
  peer TEXT NOT NULL, last_seq INTEGER NOT NULL, missing TEXT NOT NULL, gaps INTEGER NOT NULL,
  records INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL);
CREATE TABLE roots(id INTEGER PRIMARY KEY, path NOT NULL UNIQUE);
CREATE TABLE stream_roots(
  stream INTEGER NOT NULL, place INTEGER NOT NULL, root INTEGER NOT NULL,
  PRIMARY KEY(stream, place)) WITHOUT ROWID;
CREATE TABLE records(
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL, type INTEGER NOT NULL,
  ftype INTEGER NOT NULL, flags INTEGER NOT NULL, root INTEGER, size INTEGER NOT NULL,
  time INTEGER NOT NULL, path NOT NULL, from_path, text, dirs INTEGER, files INTEGER,
  changes INTEGER, ms INTEGER);
CREATE TABLE cursors(name TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE progress(
  last_id INTEGER NOT NULL, records INTEGER NOT NULL, streams INTEGER NOT NULL,
  gaps INTEGER NOT NULL);
INSERT INTO progress VALUES(0, 0, 0, 0);
CREATE VIEW events AS SELECT
  s.node AS node, r.path AS root, e.seq AS seq,
  CASE e.type WHEN 0 THEN 'create' WHEN 1 THEN 'modify' WHEN 2 THEN 'delete' WHEN 3 THEN 'rename'
    WHEN 4 THEN 'attrib' WHEN 5 THEN 'ready' WHEN 6 THEN 'overflow' WHEN 7 THEN 'recovered'
    WHEN 8 THEN 'root_lost' WHEN 9 THEN 'root_back' WHEN 10 THEN 'mount' WHEN 11 THEN 'unmount'
    WHEN 12 THEN 'degraded' WHEN 13 THEN 'error' ELSE 'unknown' END AS type,
  e.path AS path, e.from_path AS from_path,
  CASE e.ftype WHEN 1 THEN 'f' WHEN 2 THEN 'd' WHEN 3 THEN 'l' WHEN 4 THEN 'o' END AS ftype,
  CASE WHEN e.time <> 0 THEN strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000000, 'unixepoch')
    || printf('.%06dZ', e.time / 1000 % 1000000) END AS time,
  CASE WHEN e.ftype = 1 AND e.type IN (0, 1) THEN e.size END AS size,
  e.flags & 1 AS replaced, e.flags >> 1 & 1 AS initial, e.flags >> 2 & 1 AS baseline,
  e.text AS text, e.dirs AS dirs, e.files AS files, e.changes AS changes, e.ms AS ms,
  s.pipeline AS pipeline, s.stream AS stream, s.peer AS peer, e.id AS id
  FROM records e JOIN streams s ON s.id = e.stream LEFT JOIN roots r ON r.id = e.root;
PRAGMA application_id=1094926674;
PRAGMA user_version=1;
)";
static_assert(archive_application_id == 1094926674);

} // namespace actors

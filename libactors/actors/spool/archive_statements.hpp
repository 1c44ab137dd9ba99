#pragma once

#include "actors/spool/database.hpp"

namespace actors {

/// What an archive says to SQLite when it writes. Must go before the database.
struct archive_statements {
  explicit archive_statements(sqlite3& of) : handle{of} {}

  sqlite3& handle;
  statement begin{handle, "BEGIN IMMEDIATE"};
  statement commit{handle, "COMMIT"};
  statement find_stream{handle,
    "SELECT id, peer, last_seq, missing, gaps, records, first_time, last_time"
    " FROM streams WHERE stream=?1"};
  statement find_roots{handle, "SELECT r.id, r.path FROM stream_roots s JOIN roots r ON r.id=s.root"
                               " WHERE s.stream=?1 ORDER BY s.place"};
  statement add_stream{handle,
    "INSERT INTO streams(node, pipeline, stream, peer, last_seq, missing, gaps, records,"
    " first_time, last_time) VALUES(?1, ?2, ?3, ?4, 0, '', 0, 0, 0, 0) RETURNING id"};
  statement change_stream{handle,
    "UPDATE streams SET peer=?2, last_seq=?3, missing=?4, gaps=?5, records=?6, first_time=?7,"
    " last_time=?8 WHERE id=?1"};
  statement add_root{handle, "INSERT OR IGNORE INTO roots(path) VALUES(?1)"};
  statement find_root{handle, "SELECT id FROM roots WHERE path=?1"};
  statement add_stream_root{handle, "INSERT INTO stream_roots VALUES(?1, ?2, ?3)"};
  statement add_change{handle,
    "INSERT INTO records(id, stream, seq, type, ftype, flags, root, size, time, path, from_path)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"};
  statement add_marker{handle,
    "INSERT INTO records(id, stream, seq, type, ftype, flags, root, size, time, path, from_path,"
    " text, dirs, files, changes, ms)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"};
  statement change_progress{
    handle, "UPDATE progress SET last_id=?1, records=?2, streams=?3, gaps=?4"};
  statement find_progress{handle, "SELECT last_id, records, streams, gaps FROM progress"};
  statement count_pages{handle, "PRAGMA page_count"};
  statement count_free{handle, "PRAGMA freelist_count"};
  statement page_size{handle, "PRAGMA page_size"};
  statement add_cursor{handle, "INSERT OR IGNORE INTO cursors VALUES(?1, ?2)"};
  statement find_cursor{handle, "SELECT id FROM cursors WHERE name=?1"};
  statement move_cursor{handle, "UPDATE cursors SET id=?2 WHERE name=?1 AND id<?2"};
};

} // namespace actors

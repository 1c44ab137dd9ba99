#pragma once

#include "actors/protocol/error.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace actors {

/// What a refusal of SQLite means to us.
enum class store_trouble : std::uint8_t {
  busy,    ///< another process, or another part of this one, has the file
  damaged, ///< it is no database, or a broken one
  full,    ///< the disk has no room
  foreign, ///< it is a database of something else
  version, ///< it is of a version that is not ours
  other,   ///< no permission, ...
};

struct store_error {
  store_trouble what = store_trouble::other;
  std::string text;
};

template <class T>
using stored = tl::expected<T, store_error>;

/// One prepared statement. Must go before its database.
class statement {
public:
  statement(sqlite3& owner, const char* sql);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  void bind(int place, std::uint64_t number);
  /// Not copied: must live until the statement is reset.
  void bind(int place, std::string_view blob);
  void bind_text(int place, std::string_view text);
  /// Text where it is some (UTF-8, no NUL), or else a blob. Not copied, as above.
  void bind_path(int place, std::string_view path);
  void bind_null(int place);

  /// True: there is a row; false: it is done.
  stored<bool> step();
  void reset();

  /// To its end, and reset; what is bound stays.
  stored<void> run();

  bool is_null(int column) const;
  std::uint64_t number(int column) const;
  std::string_view bytes(int column) const; ///< until the next step or reset

private:
  sqlite3& owner_;
  sqlite3_stmt* prepared_ = nullptr;
  int prepared_with_ = 0; ///< why there is none
};

/// Resets a statement when its rows are no longer looked at: an open one keeps the log from being
/// written back.
class statement_use {
public:
  explicit statement_use(statement& which) : which_{which} {}
  statement_use(const statement_use&) = delete;
  statement_use& operator=(const statement_use&) = delete;
  ~statement_use() { which_.reset(); }
  statement* operator->() { return &which_; }

private:
  statement& which_;
};

/// An SQLite file, write-ahead logged. Not thread-safe.
class database {
public:
  /// Makes the file, for its owner alone, when it is not there. No other connection may have it.
  static stored<std::unique_ptr<database>> open(const std::string& path);

  /// The same, but others may read it meanwhile. The caller sees to it that it is the only one that
  /// writes as a rule. Must be followed by `begin_log`.
  static stored<std::unique_ptr<database>> open_shared(const std::string& path);

  /// From here on the file is logged ahead. Until then nothing of it was changed. The log is
  /// written back whenever it has grown to `log_pages_usual`, if no reader needs it.
  stored<void> begin_log();

  /// 16 MB: four times the default, since a file that grows by 15 MB a second would be synced ten
  /// times a second otherwise.
  static constexpr std::uint64_t log_pages_usual = 4096;

  /// One more connection, to read a file that this process has open too.
  static stored<std::unique_ptr<database>> open_to_read(const std::string& path);

  /// Whether it is empty, to be made ours. Errors besides: foreign, version.
  stored<bool> is_new(std::uint64_t application_id, std::uint64_t version);

  /// All of these or none. They should set application_id and user_version.
  stored<void> make_tables(const char* sql);

  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

  stored<void> run(const char* sql);

  /// The first number of the first row; 0 when there is none.
  stored<std::uint64_t> number(const char* sql);

  /// Undoes what was begun and not committed.
  void roll_back();

  sqlite3& handle() { return *handle_; }

  /// Pages in the log after the last commit; some are there twice.
  std::uint64_t log_pages() const { return log_pages_; }

private:
  explicit database(sqlite3* handle) : handle_{handle} {}
  static stored<std::unique_ptr<database>> connect(const std::string& path, int flags);
  stored<void> run_all(std::initializer_list<const char*> each);

  sqlite3* handle_;
  std::uint64_t log_pages_ = 0;
};

} // namespace actors

#pragma once

#include "actors/protocol/error.hpp"

#include <cstdint>
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
  other,   ///< a full disk, no permission, ...
};

struct store_error {
  store_trouble what = store_trouble::other;
  std::string text;
};

template <class T>
using stored = tl::expected<T, store_error>;

/// One prepared statement. Owned by its database; reset when a `run` of it goes.
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

  /// True: there is a row; false: it is done.
  stored<bool> step();
  void reset();

  std::uint64_t number(int column) const;
  std::string_view bytes(int column) const; ///< until the next step or reset

private:
  sqlite3& owner_;
  sqlite3_stmt* prepared_ = nullptr;
  int prepared_with_ = 0; ///< why there is none
};

/// An SQLite file that no other connection may have, write-ahead logged. Not thread-safe.
class database {
public:
  /// Makes the file, for its owner alone, when it is not there.
  static stored<std::unique_ptr<database>> open(const std::string& path);
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

  stored<void> run(const char* sql);

  /// The first number of the first row; 0 when there is none.
  stored<std::uint64_t> number(const char* sql);

  /// Undoes what was begun and not committed.
  void roll_back();

  sqlite3& handle() { return *handle_; }

private:
  explicit database(sqlite3* handle) : handle_{handle} {}

  sqlite3* handle_;
};

} // namespace actors

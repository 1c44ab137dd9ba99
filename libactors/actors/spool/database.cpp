#include "actors/spool/database.hpp"

#include "actors/os/owned_file.hpp"

#include <sqlite3.h>

namespace actors {

namespace {

constexpr int primary_code = 0xFF; // https://www.sqlite.org/rescode.html: the rest is detail

tl::unexpected<store_error> refusal(sqlite3* from, int code) {
  auto what = store_trouble::other;
  switch (code & primary_code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: what = store_trouble::busy; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: what = store_trouble::damaged; break;
    default: break;
  }
  auto text =
    std::string{from != nullptr && sqlite3_errcode(from) != SQLITE_OK ? sqlite3_errmsg(from)
                                                                      : sqlite3_errstr(code)};
  return tl::unexpected{store_error{what, std::move(text)}};
}

} // namespace

// -- a statement ----------------------------------------------------------------------------------

statement::statement(sqlite3& owner, const char* sql) : owner_{owner} {
  prepared_with_ =
    sqlite3_prepare_v3(&owner_, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared_, nullptr);
}

statement::~statement() {
  sqlite3_finalize(prepared_);
}

void statement::bind(int place, std::uint64_t number) {
  sqlite3_bind_int64(prepared_, place, static_cast<sqlite3_int64>(number));
}
void statement::bind(int place, std::string_view blob) {
  sqlite3_bind_blob64(prepared_, place, blob.data(), blob.size(), SQLITE_STATIC);
}
void statement::bind_text(int place, std::string_view text) {
  sqlite3_bind_text64(
    prepared_, place, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8); // NOLINT: its cast
}

stored<bool> statement::step() {
  if (prepared_ == nullptr)
    return refusal(&owner_, prepared_with_);
  const auto code = sqlite3_step(prepared_);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  auto why = refusal(&owner_, code);
  sqlite3_reset(prepared_);
  return why;
}

void statement::reset() {
  sqlite3_reset(prepared_);
  sqlite3_clear_bindings(prepared_);
}

std::uint64_t statement::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(prepared_, column));
}

std::string_view statement::bytes(int column) const {
  const auto* at = static_cast<const char*>(sqlite3_column_blob(prepared_, column));
  const auto size = sqlite3_column_bytes(prepared_, column);
  return at == nullptr ? std::string_view{} : std::string_view{at, static_cast<std::size_t>(size)};
}

// -- the database ---------------------------------------------------------------------------------

stored<std::unique_ptr<database>> database::open(const std::string& path) {
  if (const auto made = make_private_file(path); !made)
    return tl::unexpected{store_error{store_trouble::other, made.error().text}};
  sqlite3* handle = nullptr;
  const auto code =
    sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto made = std::unique_ptr<database>{new database{handle}};
  if (code != SQLITE_OK)
    return refusal(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  // EXCLUSIVE before the log is first touched: no shared memory, and nobody else gets in.
  for (const auto* sql :
    {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
      "PRAGMA journal_size_limit=4194304", "BEGIN EXCLUSIVE", "COMMIT"})
    if (const auto done = made->run(sql); !done)
      return tl::unexpected{done.error()};
  return made;
}

database::~database() {
  sqlite3_close_v2(handle_);
}

stored<void> database::run(const char* sql) {
  const auto code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return refusal(handle_, code);
  return {};
}

stored<std::uint64_t> database::number(const char* sql) {
  auto asked = statement{*handle_, sql};
  const auto row = asked.step();
  if (!row)
    return tl::unexpected{row.error()};
  return *row ? asked.number(0) : 0;
}

void database::roll_back() {
  if (sqlite3_get_autocommit(handle_) == 0)
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace actors

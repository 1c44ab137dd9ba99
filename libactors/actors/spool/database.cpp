#include "actors/spool/database.hpp"

#include "actors/core/utf8.hpp"
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
    case SQLITE_FULL: what = store_trouble::full; break;
    default: break;
  }
  auto text =
    std::string{from != nullptr && sqlite3_errcode(from) != SQLITE_OK ? sqlite3_errmsg(from)
                                                                      : sqlite3_errstr(code)};
  return tl::unexpected{store_error{what, std::move(text)}};
}

/// Another program may have locked a file that others may open; longer than it takes a person's
/// `DELETE` of a few records, shorter than a sender's patience.
constexpr auto busy_timeout_ms = 2000;

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto length = utf8_length(bytes);
    if (length == 0 || bytes.front() == '\0')
      return false;
    bytes.remove_prefix(length);
  }
  return true;
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

void statement::bind_path(int place, std::string_view path) {
  if (is_text(path)) // SQLITE_STATIC: nobody asks for another encoding, so it is not changed
    sqlite3_bind_text64(prepared_, place, path.data(), path.size(), SQLITE_STATIC, SQLITE_UTF8);
  else
    bind(place, path);
}
void statement::bind_null(int place) {
  sqlite3_bind_null(prepared_, place);
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

stored<void> statement::run() {
  for (;;) {
    const auto row = step();
    if (!row)
      return tl::unexpected{row.error()};
    if (!*row)
      break;
  }
  sqlite3_reset(prepared_);
  return {};
}

bool statement::is_null(int column) const {
  return sqlite3_column_type(prepared_, column) == SQLITE_NULL;
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

stored<std::unique_ptr<database>> database::connect(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const auto code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  auto made = std::unique_ptr<database>{new database{handle}};
  if (code != SQLITE_OK)
    return refusal(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  return made;
}

stored<void> database::run_all(std::initializer_list<const char*> each) {
  for (const auto* sql : each)
    if (auto done = run(sql); !done)
      return done;
  return {};
}

stored<std::unique_ptr<database>> database::open(const std::string& path) {
  if (const auto made = make_private_file(path); !made)
    return tl::unexpected{store_error{store_trouble::other, made.error().text}};
  auto made = connect(path, SQLITE_OPEN_READWRITE);
  if (!made)
    return made;
  // EXCLUSIVE before the log is first touched: no shared memory, and nobody else gets in.
  const auto ready = (*made)->run_all({"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL", "PRAGMA journal_size_limit=4194304", "BEGIN EXCLUSIVE", "COMMIT"});
  if (!ready)
    return tl::unexpected{ready.error()};
  return made;
}

stored<std::unique_ptr<database>> database::open_shared(const std::string& path) {
  if (const auto made = make_private_file(path); !made)
    return tl::unexpected{store_error{store_trouble::other, made.error().text}};
  auto made = connect(path, SQLITE_OPEN_READWRITE);
  if (made)
    sqlite3_busy_timeout((*made)->handle_, busy_timeout_ms);
  return made;
}

stored<void> database::begin_log() {
  const auto after_commit = [](void* self, sqlite3* handle, const char* name, int pages) {
    static_cast<database*>(self)->log_pages_ = static_cast<std::uint64_t>(pages);
    if (static_cast<std::uint64_t>(pages) >= log_pages_usual) // what a reader needs stays in it
      sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, after_commit, this);
  return run_all(
    {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA journal_size_limit=4194304"});
}

stored<std::unique_ptr<database>> database::open_to_read(const std::string& path) {
  auto made = connect(path, SQLITE_OPEN_READONLY);
  if (made)
    sqlite3_busy_timeout((*made)->handle_, busy_timeout_ms);
  return made;
}

stored<bool> database::is_new(std::uint64_t application_id, std::uint64_t version) {
  const auto objects = number("SELECT count(*) FROM sqlite_master");
  const auto owner = number("PRAGMA application_id");
  const auto written_by = number("PRAGMA user_version");
  for (const auto* x : {&objects, &owner, &written_by})
    if (!*x)
      return tl::unexpected{x->error()};
  if (*objects == 0 && *owner == 0)
    return true;
  if (*owner != application_id)
    return tl::unexpected{
      store_error{store_trouble::foreign, "it is a database of something else"}};
  if (*written_by != version)
    return tl::unexpected{store_error{
      store_trouble::version, "it has version " + std::to_string(*written_by)
                                + ", and this program knows " + std::to_string(version)}};
  return false;
}

stored<void> database::make_tables(const char* sql) {
  const auto whole = "BEGIN; " + std::string{sql} + "; COMMIT";
  auto done = run(whole.c_str());
  if (!done)
    roll_back();
  return done;
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

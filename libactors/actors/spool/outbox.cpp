#include "actors/spool/outbox.hpp"

#include "actors/codec/batch_blob.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/spool/store_reader.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace actors {

namespace {

constexpr std::uint64_t application_id = 0x41435350; ///< "ACSP", as file(1) may show it
constexpr std::uint64_t version = 1;

/// AUTOINCREMENT: an id is never given twice, though all was forgotten meanwhile.
constexpr auto tables = "CREATE TABLE streams(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                        "CREATE TABLE batches(id INTEGER PRIMARY KEY AUTOINCREMENT,"
                        " stream INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
                        " count INTEGER NOT NULL, bytes INTEGER NOT NULL, batch BLOB NOT NULL);"
                        "PRAGMA application_id=1094931280;"
                        "PRAGMA user_version=1";
static_assert(application_id == 1094931280);

constexpr auto append_sql = "INSERT INTO batches(stream, first_seq, count, bytes, batch)"
                            " VALUES((SELECT id FROM streams WHERE name=?1), ?2, ?3, ?4, ?5)"
                            " RETURNING id";
constexpr auto read_sql = "SELECT id, batch FROM batches WHERE id>?1 ORDER BY id LIMIT 1";
constexpr auto extent_sql = "SELECT count(*), total(count), total(bytes) FROM batches WHERE id<=?1";
constexpr auto forget_sql = "DELETE FROM batches WHERE id<=?1";

} // namespace

std::string random_stream_id() {
  auto device = std::random_device{};
  auto id = std::string{};
  for (auto i = 0; i < 16; ++i) {
    const auto byte = device() & 0xFFU;
    id.push_back("0123456789abcdef"[byte >> 4]);
    id.push_back("0123456789abcdef"[byte & 15]);
  }
  return id;
}

struct outbox::store {
  explicit store(std::unique_ptr<database> opened)
    : file{std::move(opened)}, append{file->handle(), append_sql}, read{file->handle(), read_sql},
      extent{file->handle(), extent_sql}, forget{file->handle(), forget_sql} {}

  std::unique_ptr<database> file;
  statement append;
  statement read;
  statement extent;
  statement forget;
};

// -- opening --------------------------------------------------------------------------------------

outbox::outbox(const spool_options& options, log_function log)
  : path_{options.path}, bytes_max_{options.bytes_max}, log_{std::move(log)} {}

result<std::shared_ptr<outbox>> outbox::open(const spool_options& options, log_function log) {
  auto made = std::shared_ptr<outbox>{new outbox{options, std::move(log)}};
  auto opened = made->open_store();
  if (!opened && opened.error().what == store_trouble::damaged) {
    made->set_aside(opened.error().text);
    if (made->store_)
      return made;
    opened = made->open_store(); // says why there is no new one either
  }
  if (!opened)
    return tl::unexpected{made->about(opened.error())};
  return made;
}

error outbox::about(const store_error& why) const {
  const auto place = "spool " + path_ + ": ";
  switch (why.what) {
    case store_trouble::busy:
      return {errc::unavailable, place
                                   + "another process or pipeline uses it; each emitter needs a "
                                     "spool of its own"};
    case store_trouble::foreign: return {errc::invalid_argument, place + why.text};
    case store_trouble::version: return {errc::not_supported, place + why.text};
    default: return {errc::system, place + why.text};
  }
}

stored<void> outbox::open_store() {
  auto file = database::open(path_);
  if (!file)
    return tl::unexpected{file.error()};
  const auto is_new = (*file)->is_new(application_id, version);
  if (!is_new)
    return tl::unexpected{is_new.error()};
  if (*is_new)
    if (auto done = (*file)->make_tables(tables); !done)
      return done;
  store_ = std::make_unique<store>(std::move(*file));
  auto looked = look_around();
  if (!looked)
    store_.reset();
  return looked;
}

/// What is there, from the process before.
stored<void> outbox::look_around() {
  auto& file = *store_->file;
  is_stream_known_ = false;
  const auto last = file.number("SELECT max(seq) FROM sqlite_sequence WHERE name='batches'");
  if (!last)
    return tl::unexpected{last.error()};
  if (last_id_ > *last) { // it took the place of a damaged one: ids go on from there
    auto go_on =
      statement{file.handle(), "INSERT INTO sqlite_sequence(name, seq) VALUES('batches', ?1)"};
    go_on.bind(1, last_id_);
    if (const auto done = go_on.step(); !done)
      return tl::unexpected{done.error()};
  }
  last_id_ = std::max(last_id_, *last);
  auto counted = statement_use{store_->extent};
  counted->bind(1, std::uint64_t{INT64_MAX});
  if (const auto row = counted->step(); !row)
    return tl::unexpected{row.error()};
  size_ = {counted->number(0), counted->number(1), counted->number(2)};
  if (!streams_.empty())
    return {}; // what is on its way to the receiver came from the file before
  auto known = statement{file.handle(), "SELECT min(b.id), s.name FROM batches b JOIN streams s ON"
                                        " s.id=b.stream GROUP BY s.id ORDER BY 1"};
  for (;;) {
    const auto row = known.step();
    if (!row)
      return tl::unexpected{row.error()};
    if (!*row)
      break;
    streams_.emplace_back(known.number(0), std::string{known.bytes(1)});
  }
  streams_.emplace_back(last_id_ + 1, stream_);
  return {};
}

/// The file is damaged: another one takes its place, and its ids go on from here.
void outbox::set_aside(const std::string& why) {
  store_.reset(); // it must not be moved while it is open
  const auto bad = path_ + ".bad";
  auto fields = std::vector<std::pair<std::string, std::string>>{{"file", path_}, {"kept_as", bad},
    {"reason", why}, {"batches_lost", std::to_string(size_.batches)}};
  remove_file(bad + "-wal");
  const auto moved = move_file(path_, bad);
  if (has_file(path_ + "-wal"))
    (void)move_file(path_ + "-wal", bad + "-wal");
  remove_file(path_ + "-shm");
  trouble_ = "spool " + path_ + " was damaged (" + why + "): what it held was not delivered, and "
             + (moved ? "is kept as " + bad : "cannot be moved: " + moved.error().text);
  log_({log_level::error, "spool_set_aside", std::move(fields)});
  if (moved && open_store()) // or else the next append tries again, and says why not
    room_.raise();
}

// -- what is done with it -------------------------------------------------------------------------

result<outbox::outcome> outbox::append(const event_batch& batch) {
  if (batch.empty())
    return outcome::kept;
  const auto held = std::scoped_lock{mutex_};
  if (has_ended_)
    return failure(errc::closed, "spool " + path_ + ": its pipeline has ended");
  if (batch.origin()) // its numbers are of a stream that would not be kept
    return failure(errc::not_supported,
      "spool " + path_ + ": it is for records of this node; those of others are in their store");
  if (batch.first_seq() != 0 && batch.first_seq() + batch.size() - 1 <= last_seq_)
    return outcome::kept; // the writer crashed behind it
  const auto blob = write_batch_blob(batch);
  room_.lower(); // before it is looked at: what is forgotten from here on raises it
  for (auto tries = 0;; ++tries) {
    if (size_.batches != 0 && size_.bytes + blob.size() > bytes_max_)
      return outcome::full;
    auto done = stored<void>{};
    if (!store_)
      done = open_store();
    if (done)
      done = write(batch, blob);
    if (done)
      break;
    if (done.error().what == store_trouble::damaged && tries == 0) {
      set_aside(done.error().text);
      continue;
    }
    return tl::unexpected{about(done.error())};
  }
  if (batch.first_seq() != 0)
    last_seq_ = batch.first_seq() + batch.size() - 1;
  news_.raise();
  return outcome::kept;
}

stored<void> outbox::write(const event_batch& batch, const std::string& blob) {
  if (!is_stream_known_) { // not when it is opened: also on a full disk there is what to deliver
    auto ours = statement{store_->file->handle(), "INSERT OR IGNORE INTO streams(name) VALUES(?1)"};
    ours.bind_text(1, stream_);
    if (const auto made = ours.step(); !made)
      return tl::unexpected{made.error()};
    is_stream_known_ = true;
  }
  auto row = statement_use{store_->append};
  row->bind_text(1, stream_);
  row->bind(2, batch.first_seq());
  row->bind(3, std::uint64_t{batch.size()});
  row->bind(4, std::uint64_t{blob.size()});
  row->bind(5, std::string_view{blob});
  auto done = row->step();
  if (!done || !*done)
    return tl::unexpected{
      done ? store_error{store_trouble::other, "no row was made"} : done.error()};
  const auto id = row->number(0);
  done = row->step(); // to its end: that is the commit
  if (!done)
    return tl::unexpected{done.error()};
  last_id_ = id;
  ++size_.batches;
  size_.records += batch.size();
  size_.bytes += blob.size();
  return {};
}

result<std::optional<outbox::entry>> outbox::read_after(std::uint64_t id) {
  const auto held = std::scoped_lock{mutex_};
  while (store_) {
    auto damaged_id = std::uint64_t{0};
    auto found = read(id, damaged_id);
    if (!found && found.error().what == store_trouble::damaged) {
      set_aside(found.error().text);
      return std::nullopt;
    }
    if (!found)
      return tl::unexpected{about(found.error())};
    if (damaged_id == 0)
      return std::move(*found);
    if (damaged_id > damaged_told_)
      log_({log_level::error, "spool_batch_damaged",
        {{"file", path_}, {"batch", std::to_string(damaged_id)}}});
    damaged_told_ = std::max(damaged_told_, damaged_id);
    id = damaged_id;
  }
  return std::nullopt;
}

stored<std::optional<outbox::entry>> outbox::read(std::uint64_t id, std::uint64_t& damaged_id) {
  auto row = statement_use{store_->read};
  row->bind(1, id);
  const auto found = row->step();
  if (!found)
    return tl::unexpected{found.error()};
  if (!*found)
    return std::nullopt;
  auto batch = read_batch_blob(row->bytes(1));
  if (!batch || batch->empty()) {
    damaged_id = row->number(0); // forgotten with what comes after it
    return std::nullopt;
  }
  return entry{row->number(0), std::move(*batch)};
}

result<void> outbox::forget(std::uint64_t upto) {
  const auto held = std::scoped_lock{mutex_};
  return forget_held(upto);
}

result<void> outbox::forget_held(std::uint64_t upto) {
  if (!store_)
    return {};
  const auto done = remove(upto);
  if (!done && done.error().what == store_trouble::damaged) {
    set_aside(done.error().text);
    return {};
  }
  if (!done)
    return tl::unexpected{about(done.error())};
  room_.raise();
  return {};
}

/// Does not wait for the disk: should the power fail, it comes again, and is known by its numbers.
stored<void> outbox::remove(std::uint64_t upto) {
  auto& file = *store_->file;
  auto gone = extent{};
  {
    auto counted = statement_use{store_->extent};
    counted->bind(1, upto);
    const auto row = counted->step();
    if (!row)
      return tl::unexpected{row.error()};
    gone = {counted->number(0), counted->number(1), counted->number(2)};
  }
  if (gone.batches == 0)
    return {};
  (void)file.run("PRAGMA synchronous=NORMAL");
  auto done = stored<bool>{};
  {
    auto removal = statement_use{store_->forget};
    removal->bind(1, upto);
    done = removal->step();
  }
  (void)file.run("PRAGMA synchronous=FULL");
  if (!done)
    return tl::unexpected{done.error()};
  size_.batches -= std::min(size_.batches, gone.batches);
  size_.records -= std::min(size_.records, gone.records);
  size_.bytes -= std::min(size_.bytes, gone.bytes);
  drop_streams(upto);
  return {};
}

/// Those all of whose batches are forgotten; never the last, which is ours.
void outbox::drop_streams(std::uint64_t upto) {
  auto past = streams_.begin();
  while (past + 1 < streams_.end() && (past + 1)->first <= upto + 1)
    ++past;
  streams_.erase(streams_.begin(), past);
}

std::string outbox::stream_of(std::uint64_t id) const {
  const auto held = std::scoped_lock{mutex_};
  auto name = std::string{};
  for (const auto& [first, stream] : streams_)
    if (first <= id)
      name = stream;
  return name;
}

outbox::extent outbox::size() const {
  const auto held = std::scoped_lock{mutex_};
  return size_;
}

std::string outbox::trouble() const {
  const auto held = std::scoped_lock{mutex_};
  return trouble_;
}

// -- as a listener --------------------------------------------------------------------------------

void outbox::delivered(std::size_t, const batch_marks& marks) {
  const auto upto = marks.number_of(store_reader::source);
  if (upto == 0)
    return;
  const auto held = std::scoped_lock{mutex_};
  const auto done = forget_held(upto); // should it fail, the next one forgets this too
  if (!done && std::exchange(forgets_, false))
    log_({log_level::warning, "spool_not_shortened",
      {{"file", path_}, {"reason", done.error().text}}});
  forgets_ = done.has_value();
}

void outbox::at_end() {
  const auto held = std::scoped_lock{mutex_};
  has_ended_ = true;
  store_.reset();
}

} // namespace actors

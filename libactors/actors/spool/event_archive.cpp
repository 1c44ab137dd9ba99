#include "actors/spool/event_archive.hpp"

#include "actors/core/utf8.hpp"
#include "actors/spool/archive_rows.hpp"
#include "actors/spool/archive_schema.hpp"
#include "actors/spool/archive_writer.hpp"
#include "actors/spool/database.hpp"

#include <algorithm>

namespace actors {

namespace {

/// Names of nodes, pipelines and streams are people's, or a few digits: this is far above any.
constexpr auto name_bytes_max = std::size_t{256};

constexpr auto advice_if_damaged =
  ". What it holds was acknowledged and may be nowhere else, so it is left as it is. Copy it away "
  "with its -wal, then try `sqlite3 FILE .recover | sqlite3 NEW`, or move it away to begin a new "
  "one";

} // namespace

result<void> check(const arrival& what) {
  const auto refuse = [&](const std::string& why) {
    return failure(errc::invalid_argument, "a batch from \"" + what.peer + "\": " + why);
  };
  const auto& origin = what.batch.origin();
  if (!origin)
    return refuse("it does not say where it was made");
  for (const auto* name : {&origin->node, &origin->pipeline, &origin->stream, &what.peer})
    if (name->size() > name_bytes_max || name->find('\0') != std::string::npos)
      return refuse("a name in it is no name");
  if (origin->stream.empty())
    return refuse("it has no stream");
  auto roots_bytes = std::size_t{0};
  for (const auto& root : origin->roots)
    roots_bytes += root.size() + sizeof(std::string);
  if (roots_bytes > archive_roots_bytes_max)
    return refuse("its roots are too many");
  const auto first = what.batch.first_seq();
  const auto last_max = std::uint64_t{INT64_MAX} - what.batch.size();
  if (first == 0 || first > last_max)
    return refuse("its records have no numbers");
  return {};
}

// -- opening --------------------------------------------------------------------------------------

event_archive::event_archive(const archive_options& options, log_function log)
  : path_{options.path}, bytes_max_{options.bytes_max}, log_{std::move(log)} {}

event_archive::~event_archive() = default;

result<std::shared_ptr<event_archive>> event_archive::open(
  const archive_options& options, log_function log) {
  if (options.path.empty())
    return failure(errc::invalid_argument, "store: it needs a path");
  auto made = std::shared_ptr<event_archive>{new event_archive{options, std::move(log)}};
  if (const auto opened = made->open_file(); !opened)
    return tl::unexpected{opened.error()};
  return made;
}

result<void> event_archive::open_file() {
  const auto place = "store " + path_ + ": ";
  auto lock = owned_file::open(path_ + ".lock", owned_file::missing::is_made);
  if (!lock && lock.error().code == errc::unavailable)
    return failure(errc::unavailable,
      place
        + "another process or pipeline stores into it; each collector needs a store of its own");
  if (!lock)
    return failure(errc::system, place + lock.error().text);
  lock_ = std::move(*lock);
  auto file = database::open_shared(path_);
  if (!file)
    return tl::unexpected{about(file.error())};
  const auto is_new = (*file)->is_new(archive_application_id, archive_version);
  if (!is_new)
    return tl::unexpected{about(is_new.error())};
  if (const auto begun = (*file)->begin_log(); !begun)
    return tl::unexpected{about(begun.error())};
  if (*is_new) {
    if (const auto done = (*file)->make_tables(archive_tables_sql); !done)
      return tl::unexpected{about(done.error())};
    log_({log_level::info, "store_made", {{"file", path_}}});
  }
  auto writer = archive_writer::open(std::move(*file), bytes_max_);
  if (!writer)
    return tl::unexpected{about(writer.error())};
  auto to_read = database::open_to_read(path_);
  if (!to_read)
    return tl::unexpected{about(to_read.error())};
  const auto measured = (*writer)->measure();
  if (!measured)
    return tl::unexpected{about(measured.error())};
  size_ = *measured;
  writer_ = std::move(*writer);
  rows_ = std::make_unique<archive_rows>(std::move(*to_read));
  return {};
}

error event_archive::about(const store_error& why) const {
  const auto place = "store " + path_ + ": ";
  switch (why.what) {
    case store_trouble::busy:
      return {errc::unavailable, place + "another program has locked it: " + why.text};
    case store_trouble::damaged:
      return {errc::system, place + "it is damaged: " + why.text + advice_if_damaged};
    case store_trouble::full: return {errc::full, place + why.text};
    case store_trouble::foreign: return {errc::invalid_argument, place + why.text};
    case store_trouble::version: return {errc::not_supported, place + why.text};
    case store_trouble::other: break;
  }
  return {errc::system, place + why.text};
}

/// An error, and whether it is one for an operator is to be seen until the next that goes well.
error event_archive::note_trouble(const store_error& why) {
  auto told = about(why);
  const auto held = std::scoped_lock{state_mutex_};
  if (trouble_.empty())
    log_({log_level::error, "store_not_written", {{"file", path_}, {"reason", told.text}}});
  trouble_ = told.text;
  return told;
}

tl::unexpected<error> event_archive::closed() const {
  return failure(errc::closed, "store " + path_ + ": it is closed");
}

void event_archive::close() {
  const auto writing = std::scoped_lock{write_mutex_};
  const auto reading = std::scoped_lock{read_mutex_};
  rows_.reset();
  writer_.reset(); // the last connection: writes the log back
  lock_ = {};
}

// -- storing --------------------------------------------------------------------------------------

result<std::vector<filed>> event_archive::store(const std::vector<arrival>& arrivals) {
  for (const auto& what : arrivals)
    if (const auto fine = check(what); !fine)
      return tl::unexpected{fine.error()};
  const auto writing = std::scoped_lock{write_mutex_};
  if (!writer_)
    return closed();
  auto done = writer_->store(arrivals);
  if (!done)
    return tl::unexpected{note_trouble(done.error())};
  const auto measured = writer_->measure();
  auto has_recovered = false;
  {
    const auto held = std::scoped_lock{state_mutex_};
    has_recovered = !trouble_.empty();
    trouble_.clear();
    if (measured)
      size_ = *measured;
  }
  if (has_recovered)
    log_({log_level::info, "store_written_again", {{"file", path_}}});
  tell_readers();
  return std::move(*done);
}

result<std::uint64_t> event_archive::cursor(std::string_view name, begin_at where) {
  const auto writing = std::scoped_lock{write_mutex_};
  if (!writer_)
    return closed();
  const auto found = writer_->cursor(name, where);
  if (!found)
    return tl::unexpected{about(found.error())};
  return *found;
}

result<void> event_archive::advance(std::string_view name, std::uint64_t id) {
  const auto writing = std::scoped_lock{write_mutex_};
  if (!writer_)
    return closed();
  if (const auto done = writer_->advance(name, id); !done)
    return tl::unexpected{about(done.error())};
  return {};
}

// -- reading --------------------------------------------------------------------------------------

result<std::optional<event_archive::entry>> event_archive::read_after(
  std::uint64_t id, std::size_t records_max) {
  const auto reading = std::scoped_lock{read_mutex_};
  if (!rows_)
    return closed();
  auto found = rows_->read_after(id, records_max);
  if (!found)
    return tl::unexpected{about(found.error())};
  return std::move(*found);
}

std::shared_ptr<wake_event> event_archive::subscribe() {
  auto made = std::make_shared<wake_event>();
  const auto held = std::scoped_lock{state_mutex_};
  std::erase_if(readers_, [](const auto& x) { return x.expired(); });
  readers_.push_back(made);
  return made;
}

void event_archive::tell_readers() {
  const auto held = std::scoped_lock{state_mutex_};
  for (const auto& each : readers_)
    if (const auto reader = each.lock())
      reader->raise();
}

event_archive::extent event_archive::size() const {
  const auto held = std::scoped_lock{state_mutex_};
  return size_;
}

std::string event_archive::trouble() const {
  const auto held = std::scoped_lock{state_mutex_};
  return trouble_;
}

} // namespace actors

#include "actors/spool/archive_writer.hpp"

#include "actors/core/record_root.hpp"
#include "actors/spool/archive_schema.hpp"
#include "actors/spool/archive_statements.hpp"

#include <algorithm>
#include <utility>

namespace actors {

namespace {

/// Some 20,000 streams of one root. When there are more, all are let go of and loaded again as they
/// come: one look-up each.
constexpr auto held_bytes_max = std::size_t{16 * 1024 * 1024};
constexpr auto held_stream_bytes = std::size_t{640}; ///< without roots: a map's node and texts

std::uint64_t flags_of(const event& what) {
  auto flags = std::uint64_t{0};
  if (what.replaced)
    flags |= archive_flag_replaced;
  if (what.initial)
    flags |= archive_flag_initial;
  if (what.baseline)
    flags |= archive_flag_baseline;
  return flags;
}

std::uint64_t nanoseconds_of(wall_time time) {
  return static_cast<std::uint64_t>(std::int64_t{time.time_since_epoch().count()});
}

/// The first number of the only row; 0 when there is none.
stored<std::uint64_t> number_from(statement& which) {
  auto asked = statement_use{which};
  const auto row = asked->step();
  if (!row)
    return tl::unexpected{row.error()};
  return *row ? asked->number(0) : 0;
}

} // namespace

archive_writer::archive_writer(std::unique_ptr<database> file, std::uint64_t bytes_max)
  : file_{std::move(file)}, run_{std::make_unique<archive_statements>(file_->handle())},
    bytes_max_{bytes_max} {}

archive_writer::~archive_writer() = default;

stored<std::unique_ptr<archive_writer>> archive_writer::open(
  std::unique_ptr<database> file, std::uint64_t bytes_max) {
  auto made = std::unique_ptr<archive_writer>{new archive_writer{std::move(file), bytes_max}};
  if (const auto read = made->read_progress(); !read)
    return tl::unexpected{read.error()};
  return made;
}

stored<void> archive_writer::read_progress() {
  auto row = statement_use{run_->find_progress};
  const auto found = row->step();
  if (!found)
    return tl::unexpected{found.error()};
  if (!*found)
    return tl::unexpected{store_error{store_trouble::damaged, "its table progress is empty"}};
  size_.last_id = row->number(0);
  size_.records = row->number(1);
  size_.streams = row->number(2);
  size_.gaps = row->number(3);
  return {};
}

// -- storing --------------------------------------------------------------------------------------

stored<std::vector<filed>> archive_writer::store(const std::vector<arrival>& arrivals) {
  if (held_bytes_ > held_bytes_max)
    forget();
  if (const auto begun = run_->begin.run(); !begun)
    return tl::unexpected{begun.error()};
  const auto before = size_;
  has_written_ = false;
  auto done = store_begun(arrivals);
  if (done && has_written_)
    if (const auto committed = run_->commit.run(); !committed)
      done = tl::unexpected{committed.error()};
  file_->roll_back(); // if it is not committed
  if (!done) {        // what is held is not what the file has
    size_ = before;
    forget();
  }
  return done;
}

stored<std::vector<filed>> archive_writer::store_begun(const std::vector<arrival>& arrivals) {
  auto all = std::vector<filed>{};
  all.reserve(arrivals.size());
  const auto before = size_.last_id;
  for (const auto& what : arrivals) {
    const auto one = add(what);
    if (!one)
      return tl::unexpected{one.error()};
    all.push_back(*one);
  }
  if (size_.last_id == before)
    return all;
  if (const auto written = write_changes(); !written)
    return tl::unexpected{written.error()};
  if (const auto room = check_room(); !room)
    return tl::unexpected{room.error()};
  return all;
}

void archive_writer::forget() {
  changed_.clear();
  streams_.clear();
  held_bytes_ = 0;
}

stored<filed> archive_writer::add(const arrival& what) {
  const auto& batch = what.batch;
  if (batch.empty())
    return filed{};
  const auto found = stream_of(what);
  if (!found)
    return tl::unexpected{found.error()};
  auto& to = **found;
  const auto first = batch.first_seq();
  const auto taken = to.numbers.take({first, first + batch.size() - 1});
  auto result = filed{.gaps = taken.passed_over};
  for (const auto& [begin, end] : taken.fresh) {
    for (auto seq = begin; seq <= end; ++seq)
      if (const auto done = add_record(batch[seq - first], seq, to); !done)
        return tl::unexpected{done.error()};
    result.records += end - begin + 1;
  }
  result.duplicates = batch.size() - result.records;
  if (result.records == 0)
    return result;
  if (to.records == 0)
    to.first_time = nanoseconds_of(batch.time_at(0));
  to.last_time = nanoseconds_of(batch.time_at(batch.size() - 1));
  to.records += result.records;
  to.gaps += taken.passed_over - taken.late;
  size_.records += result.records;
  size_.gaps += taken.passed_over - taken.late;
  to.peer = what.peer;
  if (!std::exchange(to.is_changed, true))
    changed_.push_back(&to);
  return result;
}

stored<void> archive_writer::add_record(const event& what, std::uint64_t seq, held_stream& to) {
  const auto root = root_id(what, to);
  if (!root)
    return tl::unexpected{root.error()};
  const auto marker = !is_change(what.type);
  auto& row = marker ? run_->add_marker : run_->add_change;
  row.bind(1, size_.last_id + 1);
  row.bind(2, to.id);
  row.bind(3, seq);
  row.bind(4, static_cast<std::uint64_t>(what.type));
  row.bind(5, static_cast<std::uint64_t>(what.ftype));
  row.bind(6, flags_of(what));
  if (*root != 0)
    row.bind(7, *root);
  else
    row.bind_null(7);
  row.bind(8, what.size);
  row.bind(9, nanoseconds_of(what.time));
  row.bind_path(10, what.path);
  if (what.from.empty())
    row.bind_null(11);
  else
    row.bind_path(11, what.from);
  if (marker) {
    row.bind_path(12, what.text);
    row.bind(13, what.directories);
    row.bind(14, what.files);
    row.bind(15, what.changes);
    row.bind(16, static_cast<std::uint64_t>(std::int64_t{what.took.count()}));
  }
  has_written_ = true;
  auto done = row.run();
  if (done)
    ++size_.last_id;
  return done;
}

stored<void> archive_writer::write_changes() {
  for (auto* held : changed_) {
    auto& x = *held;
    const auto missing = x.numbers.missing_text();
    auto row = statement_use{run_->change_stream};
    row->bind(1, x.id);
    row->bind_path(2, x.peer);
    row->bind(3, x.numbers.last());
    row->bind_text(4, missing);
    row->bind(5, x.gaps);
    row->bind(6, x.records);
    row->bind(7, x.first_time);
    row->bind(8, x.last_time);
    if (auto done = row->run(); !done)
      return done;
    x.is_changed = false;
  }
  changed_.clear();
  auto& row = run_->change_progress;
  row.bind(1, size_.last_id);
  row.bind(2, size_.records);
  row.bind(3, size_.streams);
  row.bind(4, size_.gaps);
  return row.run();
}

// -- streams and roots ----------------------------------------------------------------------------

stored<archive_writer::held_stream*> archive_writer::stream_of(const arrival& what) {
  const auto& origin = *what.batch.origin();
  auto at = streams_.find(origin.stream);
  if (at == streams_.end()) {
    auto found = held_stream{};
    const auto known = load(origin, found);
    if (!known)
      return tl::unexpected{known.error()};
    if (!*known)
      if (const auto made = make(what, found); !made)
        return tl::unexpected{made.error()};
    held_bytes_ += held_stream_bytes + found.roots_bytes;
    at = streams_.emplace(origin.stream, std::move(found)).first;
  }
  auto& held = at->second;
  for (const auto& root : origin.roots)
    if (std::find(held.roots.begin(), held.roots.end(), root) == held.roots.end())
      if (const auto done = learn_root(root, held); !done)
        return tl::unexpected{done.error()};
  return &held;
}

/// False: it is new.
stored<bool> archive_writer::load(const batch_origin& origin, held_stream& into) {
  auto row = statement_use{run_->find_stream};
  row->bind_text(1, origin.stream);
  auto found = row->step();
  if (!found || !*found)
    return found;
  auto numbers = number_ranges::read(row->number(2), row->bytes(3));
  if (!numbers)
    return tl::unexpected{store_error{
      store_trouble::damaged, "in streams, missing is \"" + std::string{row->bytes(3)} + "\""}};
  into.id = row->number(0);
  into.peer = row->bytes(1);
  into.numbers = std::move(*numbers);
  into.gaps = row->number(4);
  into.records = row->number(5);
  into.first_time = row->number(6);
  into.last_time = row->number(7);
  auto roots = statement_use{run_->find_roots};
  roots->bind(1, into.id);
  for (;;) {
    const auto one = roots->step();
    if (!one)
      return tl::unexpected{one.error()};
    if (!*one)
      return true;
    into.root_ids.push_back(roots->number(0));
    into.roots.emplace_back(roots->bytes(1));
    into.roots_bytes += into.roots.back().size() + sizeof(std::string);
  }
}

stored<void> archive_writer::make(const arrival& what, held_stream& into) {
  const auto& origin = *what.batch.origin();
  auto row = statement_use{run_->add_stream};
  row->bind_path(1, origin.node);
  row->bind_path(2, origin.pipeline);
  row->bind_text(3, origin.stream);
  row->bind_path(4, what.peer);
  const auto made = row->step();
  if (!made)
    return tl::unexpected{made.error()};
  into.id = row->number(0);
  into.peer = what.peer;
  ++size_.streams;
  return row->run();
}

stored<void> archive_writer::learn_root(std::string_view path, held_stream& of) {
  if (of.roots_bytes + path.size() > archive_roots_bytes_max)
    return {};
  has_written_ = true;
  run_->add_root.bind_path(1, path);
  if (auto done = run_->add_root.run(); !done)
    return done;
  run_->find_root.bind_path(1, path);
  const auto id = number_from(run_->find_root);
  if (!id)
    return tl::unexpected{id.error()};
  auto row = statement_use{run_->add_stream_root};
  row->bind(1, of.id);
  row->bind(2, std::uint64_t{of.roots.size()});
  row->bind(3, *id);
  if (auto done = row->run(); !done)
    return done;
  of.roots.emplace_back(path);
  of.root_ids.push_back(*id);
  of.roots_bytes += path.size() + sizeof(std::string);
  held_bytes_ += path.size() + sizeof(std::string);
  return {};
}

/// 0: none. A marker about a root that is not known tells of one.
stored<std::uint64_t> archive_writer::root_id(const event& what, held_stream& of) {
  const auto root = root_of(what, of.roots);
  if (root.empty())
    return 0;
  auto known = std::find(of.roots.begin(), of.roots.end(), root);
  if (known == of.roots.end()) {
    if (const auto done = learn_root(root, of); !done)
      return tl::unexpected{done.error()};
    known = std::find(of.roots.begin(), of.roots.end(), root);
  }
  return known == of.roots.end() ? 0
                                 : of.root_ids[static_cast<std::size_t>(known - of.roots.begin())];
}

// -- the rest -------------------------------------------------------------------------------------

stored<event_archive::extent> archive_writer::measure() {
  const auto pages = number_from(run_->count_pages);
  const auto free = number_from(run_->count_free);
  const auto page = number_from(run_->page_size);
  for (const auto* x : {&pages, &free, &page})
    if (!*x)
      return tl::unexpected{x->error()};
  size_.bytes = (*pages - std::min(*pages, *free)) * *page;
  size_.log_bytes = file_->log_pages() * *page;
  return size_;
}

/// With what the transaction has added. Its log counts as far as it is longer than usual.
stored<void> archive_writer::check_room() {
  if (bytes_max_ == 0)
    return {};
  const auto size = measure();
  if (!size)
    return tl::unexpected{size.error()};
  const auto usual = database::log_pages_usual * 4096;
  const auto log = size->log_bytes - std::min(size->log_bytes, 2 * usual);
  if (size->bytes + log <= bytes_max_)
    return {};
  auto text = "it may have " + std::to_string(bytes_max_) + " bytes, and has no room for more";
  if (log != 0)
    text += " (" + std::to_string(size->log_bytes)
            + " of them in its log, since a program that reads it does not let go)";
  return tl::unexpected{store_error{store_trouble::full, std::move(text)}};
}

stored<std::uint64_t> archive_writer::cursor(std::string_view name, event_archive::begin_at where) {
  {
    auto row = statement_use{run_->add_cursor};
    row->bind_text(1, name);
    row->bind(2, where == event_archive::begin_at::first ? 0 : size_.last_id);
    if (const auto done = row->run(); !done)
      return tl::unexpected{done.error()};
  }
  run_->find_cursor.bind_text(1, name);
  return number_from(run_->find_cursor);
}

stored<void> archive_writer::advance(std::string_view name, std::uint64_t id) {
  (void)file_->run("PRAGMA synchronous=NORMAL");
  auto done = stored<void>{};
  {
    auto row = statement_use{run_->move_cursor};
    row->bind_text(1, name);
    row->bind(2, id);
    done = row->run();
  }
  (void)file_->run("PRAGMA synchronous=FULL");
  return done;
}

} // namespace actors

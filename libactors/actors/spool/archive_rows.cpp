#include "actors/spool/archive_rows.hpp"

#include "actors/core/batch_builder.hpp"
#include "actors/spool/archive_schema.hpp"

#include <algorithm>
#include <string>

namespace actors {

namespace {

/// What is read again takes one look-up; a thousand are all that send at one time.
constexpr auto streams_max = std::size_t{1024};

/// What a link carries in a batch.
constexpr auto batch_bytes_max = std::size_t{256 * 1024};

constexpr auto records_sql =
  "SELECT id, stream, seq, type, ftype, flags, coalesce(root, 0), size, time, path, from_path,"
  " text, dirs, files, changes, ms FROM records WHERE id>?1 ORDER BY id LIMIT ?2";
constexpr auto stream_sql = "SELECT node, pipeline, stream FROM streams WHERE id=?1";
constexpr auto roots_sql = "SELECT r.id, r.path FROM stream_roots s JOIN roots r ON r.id=s.root"
                           " WHERE s.stream=?1 ORDER BY s.place";

/// A row of `records_sql`; nullopt: nobody has written such a one. Its texts are the statement's.
std::optional<event> record_in(const statement& row) {
  const auto type = row.number(3);
  const auto ftype = row.number(4);
  const auto flags = row.number(5);
  if (type >= event_types || ftype > static_cast<std::uint64_t>(file_type::other))
    return std::nullopt;
  auto what = event{};
  what.type = static_cast<event_type>(type);
  what.ftype = static_cast<file_type>(ftype);
  what.replaced = (flags & archive_flag_replaced) != 0;
  what.initial = (flags & archive_flag_initial) != 0;
  what.baseline = (flags & archive_flag_baseline) != 0;
  what.size = row.number(7);
  what.time = wall_time{std::chrono::nanoseconds{static_cast<std::int64_t>(row.number(8))}};
  what.path = row.bytes(9);
  what.from = row.bytes(10);
  if (!is_change(what.type)) {
    what.text = row.bytes(11);
    what.directories = row.number(12);
    what.files = row.number(13);
    what.changes = row.number(14);
    what.took = std::chrono::milliseconds{static_cast<std::int64_t>(row.number(15))};
  }
  return what;
}

} // namespace

archive_rows::archive_rows(std::unique_ptr<database> file)
  : file_{std::move(file)}, records_{file_->handle(), records_sql},
    stream_{file_->handle(), stream_sql}, roots_{file_->handle(), roots_sql} {}

stored<std::optional<event_archive::entry>> archive_rows::read_after(
  std::uint64_t id, std::size_t records_max) {
  auto rows = statement_use{records_};
  rows->bind(1, id);
  rows->bind(2, std::uint64_t{std::max<std::size_t>(records_max, 1)});
  auto builder = batch_builder{};
  auto origin = std::shared_ptr<const batch_origin>{};
  auto stream = std::uint64_t{0};
  auto first_seq = std::uint64_t{0};
  while (builder.bytes() < batch_bytes_max) {
    const auto row = rows->step();
    if (!row)
      return tl::unexpected{row.error()};
    if (!*row)
      break;
    const auto seq = rows->number(2);
    if (builder.empty()) {
      stream = rows->number(1);
      first_seq = seq;
    } else if (rows->number(1) != stream || seq != first_seq + builder.size()) {
      break;
    }
    const auto what = record_in(records_);
    auto made_at = origin_of(stream, rows->number(6));
    if (!made_at)
      return tl::unexpected{made_at.error()};
    if (!what)
      return tl::unexpected{store_error{
        store_trouble::damaged, "its record " + std::to_string(rows->number(0)) + " is none"}};
    builder.add(*what);
    origin = std::move(*made_at);
    id = rows->number(0);
  }
  if (builder.empty())
    return std::nullopt;
  return event_archive::entry{id, builder.finish().numbered(first_seq).from(std::move(origin))};
}

/// What a record says of its root is newer than what is held: roots are added while it runs.
stored<std::shared_ptr<const batch_origin>> archive_rows::origin_of(
  std::uint64_t stream, std::uint64_t root) {
  auto at = streams_.find(stream);
  const auto has_root = [&] {
    const auto& ids = at->second.root_ids;
    return root == 0 || std::find(ids.begin(), ids.end(), root) != ids.end();
  };
  if (at != streams_.end() && has_root())
    return at->second.origin;
  auto loaded = load(stream);
  if (!loaded)
    return tl::unexpected{loaded.error()};
  if (streams_.size() >= streams_max)
    streams_.clear();
  return streams_.insert_or_assign(stream, std::move(*loaded)).first->second.origin;
}

stored<archive_rows::known_stream> archive_rows::load(std::uint64_t stream) {
  auto origin = batch_origin{};
  auto result = known_stream{};
  auto row = statement_use{stream_};
  row->bind(1, stream);
  const auto found = row->step();
  if (!found)
    return tl::unexpected{found.error()};
  if (*found)
    origin = {
      std::string{row->bytes(0)}, std::string{row->bytes(1)}, std::string{row->bytes(2)}, {}};
  auto roots = statement_use{roots_};
  roots->bind(1, stream);
  for (;;) {
    const auto one = roots->step();
    if (!one)
      return tl::unexpected{one.error()};
    if (!*one)
      break;
    result.root_ids.push_back(roots->number(0));
    origin.roots.emplace_back(roots->bytes(1));
  }
  result.origin = std::make_shared<const batch_origin>(std::move(origin));
  return result;
}

} // namespace actors

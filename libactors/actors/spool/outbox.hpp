#pragma once

#include "actors/core/emitter_options.hpp"
#include "actors/core/event_batch.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/delivery_listener.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/log_line.hpp"
#include "actors/spool/database.hpp"
#include "actors/spool/stored_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actors {

/// 128 random bits as hexadecimal digits. With it in front, the numbers of the records of one
/// pipeline in one process are like no others.
std::string random_stream_id();

/// Batches on their way to a receiver, in an SQLite file, in order: what was appended is there
/// until it is forgotten, also after a kill -9, and (each append waits for the disk) after a power
/// failure. What was forgotten may come back after a power failure alone.
///
/// A file that is damaged is set aside as FILE.bad, whenever that is noticed, and a new one begun:
/// see `trouble`. Thread-safe.
class outbox final : public delivery_listener {
public:
  /// Errors: unavailable (another process, or pipeline, has the file), invalid_argument (it is a
  /// database of something else), not_supported (of another version), system.
  static result<std::shared_ptr<outbox>> open(const spool_options& options, log_function log);

  enum class outcome : std::uint8_t { kept, full };

  /// Kept when it returns. Numbers that were appended before, by this object, are not appended
  /// again: so a batch may be given twice. `full`: there is no room; `room_descriptor` becomes
  /// readable when there may be. A batch larger than the bound goes into an empty outbox.
  /// Errors: system (a full disk, ...), not_supported (records of another node, whose numbers a
  /// receiver would take for ours): nothing was kept.
  result<outcome> append(const event_batch& batch);

  using entry = stored_batch; ///< as it was stored; see `read_after`

  /// The first one after that id. What cannot be read is left out, logged and forgotten.
  result<std::optional<entry>> read_after(std::uint64_t id);

  result<void> forget(std::uint64_t upto);

  /// Whose numbers the batch of that id has. Empty: it is not known.
  std::string stream_of(std::uint64_t id) const;

  struct extent {
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };
  extent size() const;

  /// Why what was kept is not there any more; empty: it is.
  std::string trouble() const;

  const std::string& path() const { return path_; }

  /// Readable when something was appended; `lower_news` before reading.
  int news_descriptor() const { return news_.descriptor(); }
  void lower_news() { news_.lower(); }

  /// Readable after something was forgotten.
  int room_descriptor() const { return room_.descriptor(); }
  void lower_room() { room_.lower(); }

  void has_sink(std::size_t) override {}
  void before_offer(std::size_t, const event_batch&) override {}
  void delivered(std::size_t sink, const batch_marks& marks) override;
  void at_end() override; ///< lets go of the file

private:
  struct store;

  outbox(const spool_options& options, log_function log);

  stored<void> open_store();
  stored<void> look_around();
  void set_aside(const std::string& why);
  stored<void> write(const event_batch& batch, const std::string& blob);
  stored<std::optional<entry>> read(std::uint64_t id, std::uint64_t& damaged_id);
  stored<void> remove(std::uint64_t upto);
  void drop_streams(std::uint64_t upto);
  result<void> forget_held(std::uint64_t upto);
  error about(const store_error& why) const;

  const std::string path_;
  const std::uint64_t bytes_max_;
  const log_function log_;
  const std::string stream_ = random_stream_id();

  mutable std::mutex mutex_;
  std::unique_ptr<store> store_; ///< none after the end, or when it cannot be opened
  bool has_ended_ = false;
  bool is_stream_known_ = false; ///< to the file
  extent size_;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_seq_ = 0;                                 ///< appended of our own stream
  std::vector<std::pair<std::uint64_t, std::string>> streams_; ///< by the id of their first batch
  std::uint64_t damaged_told_ = 0;                             ///< id of a batch
  std::string trouble_;
  bool forgets_ = true; ///< the last `forget` worked
  wake_event news_;
  wake_event room_;
};

} // namespace actors

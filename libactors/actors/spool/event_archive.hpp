#pragma once

#include "actors/core/event_batch.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/os/wake_event.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/log_line.hpp"
#include "actors/spool/stored_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

class archive_rows;
class archive_writer;
struct store_error;

struct archive_options {
  std::string path;

  /// What is stored takes no more of the disk; 0: no bound but the disk.
  std::uint64_t bytes_max = 0;
};

/// A batch from another node.
struct arrival {
  event_batch batch; ///< with its origin, and numbered
  std::string peer;  ///< the name of the certificate that brought it
};

/// What became of it.
struct filed {
  std::uint64_t records = 0;    ///< stored
  std::uint64_t duplicates = 0; ///< were there, and left out
  std::uint64_t gaps = 0;       ///< numbers before them that have not come (yet)

  friend bool operator==(const filed&, const filed&) = default;
};

/// Whether that can be stored: it has an origin and numbers, and what it says of itself is of a
/// size that is kept for ever. Errors: invalid_argument; then it must not be given to `store`.
result<void> check(const arrival& what);

/// Records of many nodes, in an SQLite file, each once: `archive_schema.hpp` has its tables. What
/// was stored is there until an operator deletes it, also after a kill -9 or a power failure.
///
/// Anyone may read the file meanwhile (`sqlite3 FILE 'SELECT * FROM events'`): readers hold up
/// nobody. One process at a time may store, known by a lock on FILE.lock.
///
/// A damaged file is refused, and left as it is: what it holds was acknowledged, and is nowhere
/// else. Thread-safe; who reads is not held up by who stores.
class event_archive {
public:
  /// Errors: unavailable (another process, or pipeline, has the file), invalid_argument (it is a
  /// database of something else), not_supported (a newer version), system (it is damaged, ...).
  static result<std::shared_ptr<event_archive>> open(
    const archive_options& options, log_function log);
  event_archive(const event_archive&) = delete;
  event_archive& operator=(const event_archive&) = delete;
  ~event_archive();

  /// Stores all of them, in this order, or nothing; on the disk when it returns. Records that are
  /// there, by stream and number, are left out. One answer for each arrival.
  /// Errors: full (it is as large as it may be, or the disk is full), unavailable (another program
  /// has locked it: try again), invalid_argument (see `check`), closed, system.
  result<std::vector<filed>> store(const std::vector<arrival>& arrivals);

  // -- reading it ---------------------------------------------------------------------------------

  enum class begin_at : std::uint8_t { first, last };

  /// How far the consumer of that name has got: an id. One that is new begins at the first record
  /// there is, or after the last.
  result<std::uint64_t> cursor(std::string_view name, begin_at where);

  /// The consumer needs nothing up to there any more. Does not wait for the disk: a power failure
  /// may undo it. Ids before the cursor leave it where it is.
  result<void> advance(std::string_view name, std::uint64_t id);

  using entry = stored_batch; ///< as it was stored; see `read_after`

  /// The next records after that id, at most so many. What no reader of a record is told (identity,
  /// version) was not stored.
  result<std::optional<entry>> read_after(std::uint64_t id, std::size_t records_max = 256);

  /// Raised whenever something was stored. Lower it before reading.
  std::shared_ptr<wake_event> subscribe();

  // -- how it is ----------------------------------------------------------------------------------

  struct extent {
    std::uint64_t records = 0;   ///< stored since the file was made
    std::uint64_t streams = 0;   ///< the same
    std::uint64_t gaps = 0;      ///< numbers that are missing in them
    std::uint64_t bytes = 0;     ///< of the file that hold something
    std::uint64_t log_bytes = 0; ///< of FILE-wal; much when a reader keeps it from being shortened
    std::uint64_t last_id = 0;
  };
  extent size() const;

  /// What an operator must look at; empty: all is well.
  std::string trouble() const;

  const std::string& path() const { return path_; }

  /// Lets go of the file; whoever asks for something then is told that it is closed.
  void close();

private:
  event_archive(const archive_options& options, log_function log);

  result<void> open_file();
  error about(const store_error& why) const;
  error note_trouble(const store_error& why);
  tl::unexpected<error> closed() const;
  void tell_readers();

  const std::string path_;
  const std::uint64_t bytes_max_;
  const log_function log_;

  // In this order, of which no thread takes one backwards.
  mutable std::mutex write_mutex_;
  mutable std::mutex read_mutex_;
  mutable std::mutex state_mutex_;

  owned_file lock_;                        ///< outlives the connections
  std::unique_ptr<archive_writer> writer_; ///< none after the end
  std::unique_ptr<archive_rows> rows_;     ///< none after the end
  extent size_;
  std::string trouble_;
  std::vector<std::weak_ptr<wake_event>> readers_;
};

} // namespace actors

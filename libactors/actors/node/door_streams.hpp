#pragma once

#include "actors/core/journal.hpp"
#include "actors/core/sighting.hpp"
#include "actors/node/tap.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace actors {

class node;

/// The server-sent events of /stream: `health` each second, `transition` for each one after number
/// `after`, `missed` when some are no longer kept.
class event_stream {
public:
  event_stream(const node& of, std::uint64_t after) : of_{of}, after_{after} {}

  /// Waits for news, but no longer than a stream may.
  void append_next(std::string& out);

private:
  const node& of_;
  std::uint64_t after_;
  std::chrono::steady_clock::time_point health_due_{};
};

/// The records of /tap as NDJSON, `max` at most.
class tap_stream {
public:
  tap_stream(tap at, std::uint64_t max) : at_{std::move(at)}, left_{max} {}

  /// Waits for records, but no longer than a stream may. False: that was all.
  bool append_next(std::string& out);

private:
  void fetch(std::string& out);

  const tap at_;
  std::uint64_t left_;
  std::uint64_t after_ = 0;
  std::deque<sighting> seen_; ///< a few
  std::size_t next_ = 0;      ///< record of the first of them
};

} // namespace actors

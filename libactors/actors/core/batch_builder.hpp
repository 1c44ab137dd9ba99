#pragma once

#include "actors/core/event_batch.hpp"

namespace actors {

/// Collects records and turns them into an `event_batch`.
class batch_builder {
public:
  /// Makes room for so many records, and bytes of text.
  void reserve(std::size_t records, std::size_t text_bytes) {
    block_.records.reserve(records);
    block_.text.reserve(text_bytes);
  }

  /// Copies the record and its text.
  void add(const event& what);

  /// Every record of `batch`, after those already here.
  void add(const event_batch& batch);

  /// The record numbered `index` of `batch`, alone.
  static event_batch only(const event_batch& batch, std::size_t index);

  std::size_t size() const noexcept { return block_.records.size(); } ///< records so far
  bool empty() const noexcept { return block_.records.empty(); }      ///< no record so far

  /// Bytes of text and records so far.
  std::size_t bytes() const noexcept {
    return block_.text.size() + block_.marker_text
           + block_.records.size() * sizeof(event_batch::record)
           + block_.lost.size() * sizeof(event_batch::loss);
  }

  /// The batch; the builder is empty afterwards.
  event_batch finish();

private:
  event_batch::contents block_;
};

} // namespace actors

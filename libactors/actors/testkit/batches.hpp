#pragma once

#include "actors/core/batch_builder.hpp"
#include "actors/core/event_batch.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace actors::testkit {

/// A modify of each path, in order.
inline event_batch batch_of(const std::vector<std::string>& paths) {
  auto builder = batch_builder{};
  for (const auto& path : paths)
    builder.add({.type = event_type::modify, .ftype = file_type::file, .path = path, .size = 1});
  return builder.finish();
}

inline event_batch batch_of(std::initializer_list<const char*> paths) {
  return batch_of(std::vector<std::string>{paths.begin(), paths.end()});
}

/// One marker about a root.
inline event_batch marker(event_type type, std::string_view root, std::string_view text = {}) {
  auto builder = batch_builder{};
  builder.add({.type = type, .path = root, .text = text});
  return builder.finish();
}

/// The batches one after the other, as one.
inline event_batch joined(std::initializer_list<event_batch> batches) {
  auto builder = batch_builder{};
  for (const auto& batch : batches)
    builder.add(batch);
  return builder.finish();
}

/// "modify /a", a text for each record.
inline std::vector<std::string> lines_of(const event_batch& batch) {
  auto lines = std::vector<std::string>{};
  for (const auto& what : batch)
    lines.push_back(std::string{name_of(what.type)} + " " + std::string{what.path});
  return lines;
}

} // namespace actors::testkit

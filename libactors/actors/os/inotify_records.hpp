#pragma once

#include "actors/os/change_source.hpp"

#include <cstddef>
#include <vector>

namespace actors {

/// Reads the bytes of an inotify(7) read into records, appended to `into`. Names are views into
/// `bytes`. Stops at anything that does not fit, so that it can be given any bytes at all; returns
/// how many bytes it understood.
std::size_t parse_inotify(const char* bytes, std::size_t size, std::vector<kernel_record>& into);

} // namespace actors

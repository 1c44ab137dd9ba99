#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <malloc.h>

namespace actors::bench {

/// A figure of /proc/self/status that is in kB, such as "VmRSS:", in MiB.
inline double memory_mib(std::string_view which) {
  auto file = std::ifstream{"/proc/self/status"};
  for (auto line = std::string{}; std::getline(file, line);)
    if (line.starts_with(which)) {
      auto figure = std::istringstream{line.substr(which.size())};
      auto kib = 0.0;
      if (figure >> kib)
        return kib / 1024;
    }
  throw std::runtime_error{"/proc/self/status does not tell " + std::string{which}};
}

/// What is resident once the allocator has given back what it can.
inline double resident_mib() {
  ::malloc_trim(0);
  return memory_mib("VmRSS:");
}

/// Lets the peak begin anew, so that it is that of the next contestant. Returns what is resident.
inline double forget_peak_of_memory() {
  const auto resident = resident_mib();
  auto file = std::ofstream{"/proc/self/clear_refs"};
  if (!(file << "5" << std::flush)) // proc(5): resets VmHWM
    throw std::runtime_error{"/proc/self/clear_refs cannot be written"};
  return resident;
}

inline double peak_of_memory_mib() {
  return memory_mib("VmHWM:");
}

} // namespace actors::bench

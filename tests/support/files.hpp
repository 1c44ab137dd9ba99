#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace actors::test {

inline std::string content_of(const std::string& path) {
  auto file = std::ifstream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary} << content;
}

} // namespace actors::test

#include "actors/codec/tree_image.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "promise.hpp"

using namespace actors;
using namespace actors::test;

namespace {

byte_supply supply(std::string_view bytes, std::size_t piece) {
  return [bytes, piece]() mutable {
    const auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    return part;
  };
}

void check(const tree_node& node) {
  promise(!node.name().empty() && node.name() != "." && node.name() != "..", "a name is a name");
  promise(node.name().find('/') == std::string_view::npos, "a name has no slash");
  promise(node.name().find('\0') == std::string_view::npos, "a name has no NUL");
  promise(node.parent() != nullptr && node.parent()->is_directory(), "it is in a directory");
}

void read(std::string_view bytes, std::size_t piece) {
  auto tree = path_tree{"/"};
  const auto head = read_tree_image(supply(bytes, piece), tree, 1'000);
  if (!head) {
    promise(tree.size() == 1, "an image that is refused leaves nothing");
    promise(!head.error().text.empty(), "an error says why");
    return;
  }
  promise(tree.size() <= 1'000, "the bound holds");
  auto count = std::size_t{0};
  for (auto* at = &tree.root(); at != nullptr;) {
    ++count;
    if (at->parent() != nullptr)
      check(*at);
    if (at->first_child() != nullptr) {
      at = at->first_child();
      continue;
    }
    while (at != nullptr && at->next_sibling() == nullptr)
      at = at->parent();
    at = at != nullptr ? at->next_sibling() : nullptr;
  }
  promise(count == tree.size(), "every entry can be reached, once");
  auto again = std::string{};
  auto writer = tree_image_writer{tree, *head};
  while (writer.write(1, again)) {
  }
  auto back = path_tree{"/"};
  promise(
    read_tree_image(supply(again, 3), back, 1'000).has_value(), "what was read can be written");
  promise(back.size() == tree.size(), "and is the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto given = std::string{reinterpret_cast<const char*>(bytes), size};
  read(given, 1 + size % 13);
  if (size < 14)
    return 0;
  auto sum = crc32{}; // what the checksum lets through must be safe as well
  sum.add(std::string_view{given}.substr(10, size - 14));
  auto sealed = given.substr(0, size - 4);
  pack_fixed32(sum.value(), sealed);
  read(sealed, 1 + size % 13);
  return 0;
}

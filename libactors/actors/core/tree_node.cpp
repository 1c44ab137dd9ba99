#include "actors/core/tree_node.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace actors {

namespace {

constexpr std::size_t name_max = 255;

/// Room for a pointer, should the node be given a longer name.
constexpr std::size_t room_min = sizeof(char*);

} // namespace

tree_node* tree_node::make(std::string_view name, file_type ftype) {
  assert(name.size() <= name_max);
  const auto is_directory = ftype == file_type::directory;
  const auto room = std::max(name.size() + 1, room_min);
  const auto fixed = is_directory ? sizeof(directory_part) : sizeof(tree_node);
  auto* memory = ::operator new(fixed + room);
  auto* node = is_directory ? new (memory) directory_part{} : new (memory) tree_node{};
  node->ftype_ = ftype;
  node->name_room_ = static_cast<std::uint8_t>(room - 1);
  node->set_name(name);
  return node;
}

void tree_node::destroy(tree_node* node) {
  node->set_name({});
  if (node->is_directory())
    node->as_directory().~directory_part();
  else
    node->~tree_node();
  ::operator delete(node);
}

void tree_node::set_name(std::string_view name) {
  assert(name.size() <= name_max);
  char* grown = nullptr;
  if (name.size() > name_room_)
    grown = new char[name.size() + 1];
  auto* target = grown != nullptr ? grown : room_for_name();
  auto* elsewhere = name_is_elsewhere_ ? const_cast<char*>(name_text()) : nullptr;
  name.copy(target, name.size()); // `name` may be the present one, elsewhere
  target[name.size()] = '\0';
  if (grown != nullptr)
    std::memcpy(room_for_name(), &grown, sizeof grown);
  name_is_elsewhere_ = grown != nullptr;
  name_size_ = static_cast<std::uint8_t>(name.size());
  delete[] elsewhere;
}

const char* tree_node::name_text() const {
  if (!name_is_elsewhere_)
    return room_for_name();
  char* text = nullptr;
  std::memcpy(&text, room_for_name(), sizeof text);
  return text;
}

const char* tree_node::room_for_name() const {
  const auto fixed = is_directory() ? sizeof(directory_part) : sizeof(tree_node);
  return reinterpret_cast<const char*>(this) + fixed;
}

char* tree_node::room_for_name() {
  return const_cast<char*>(static_cast<const tree_node*>(this)->room_for_name());
}

} // namespace actors

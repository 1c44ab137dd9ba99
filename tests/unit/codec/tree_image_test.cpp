#include "actors/codec/tree_image.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace actors;

namespace tree_image_tests {

const auto head = tree_image_head{"/the/root", {}, "boot", 0x1234567890, image_is_last};

std::string write(const path_tree& tree, std::size_t piece = 64, tree_image_head with = head) {
  auto bytes = std::string{};
  auto writer = tree_image_writer{tree, with};
  while (writer.write(piece, bytes)) {
  }
  return bytes;
}

/// In pieces of `piece` bytes.
byte_supply supply(std::string bytes, std::size_t piece = 7) {
  return [bytes = std::move(bytes), at = std::size_t{0}, piece]() mutable {
    const auto part = std::string_view{bytes}.substr(at, piece);
    at += part.size();
    return part;
  };
}

auto read(std::string bytes, path_tree& into, std::size_t piece = 7, std::size_t max = 100'000) {
  return read_tree_image(supply(std::move(bytes), piece), into, max);
}

/// Everything that must come back, by path.
auto all_of(const path_tree& tree) {
  auto found = std::map<std::string, std::pair<file_facts, bool>>{};
  auto nodes = std::vector<const tree_node*>{&tree.root()};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    found[tree.path_of(*nodes[i])] = {nodes[i]->facts(), nodes[i]->is_silent()};
    for (auto* x = nodes[i]->first_child(); x != nullptr; x = x->next_sibling())
      nodes.push_back(x);
  }
  return found;
}

struct random_tree {
  std::mt19937_64 random;
  path_tree tree{"/the/root"};

  random_tree(unsigned seed, int count) : random{seed} {
    auto directories = std::vector<tree_node*>{&tree.root()};
    tree.update(tree.root(), facts(file_type::directory));
    for (auto i = 0; i < count; ++i) {
      auto& parent = *directories[random() % directories.size()];
      const auto name = any_name();
      if (tree.child(parent, name) != nullptr)
        continue;
      const auto is_directory = random() % 3 == 0;
      auto& node = tree.create(parent, name,
        facts(is_directory ? file_type::directory : static_cast<file_type>(random() % 2 * 3 + 1)));
      node.set_silent(is_directory && random() % 4 == 0);
      if (is_directory)
        directories.push_back(&node);
      if (random() % 10 == 0)
        tree.make_ghost(node, {});
    }
  }

  std::string any_name() {
    auto name = std::string{};
    do {
      name.resize(random() % 8 == 0 ? 1 + random() % 255 : 1 + random() % 5);
      for (auto& x : name)
        do
          x = static_cast<char>(random());
        while (x == '/' || x == '\0');
    } while (name == "." || name == "..");
    return name;
  }

  /// Extremes too.
  std::uint64_t number() {
    switch (random() % 4) {
      case 0: return random();
      case 1: return random() % 1000;
      case 2: return 0;
      default: return ~random() % 3;
    }
  }

  file_facts facts(file_type type) {
    auto x = file_facts{};
    x.identity = {number()};
    x.ftype = type;
    const auto small = [&] { return static_cast<std::uint32_t>(number()); };
    x.attributes = {small(), small(), small(), small()};
    x.size = number();
    x.modified = static_cast<std::int64_t>(number());
    x.changed = static_cast<std::int64_t>(number());
    return x;
  }
};

path_tree& small_tree(path_tree& tree) {
  auto& d = tree.create(tree.root(), "d", {.identity = {2}, .ftype = file_type::directory});
  tree.create(d, "f", {.identity = {3}, .ftype = file_type::file, .size = 300});
  tree.create(tree.root(), "g", {.identity = {4}, .ftype = file_type::link});
  return tree;
}

/// With the right checksum whatever it says.
std::string sealed(std::string bytes) {
  auto sum = crc32{};
  sum.add(std::string_view{bytes}.substr(10));
  pack_fixed32(sum.value(), bytes);
  return bytes;
}

/// Everything before the entries of an image with `count` of them.
std::string prologue(std::uint64_t count) {
  auto empty = path_tree{"/the/root"};
  auto bytes = write(empty).substr(0, 10 + 10 + 1 + 5 + 8); // root, only_name, boot, device
  pack_varint(count, bytes);
  return bytes;
}

std::string entry(std::uint64_t climb, int kind, std::string_view name) {
  auto bytes = std::string{};
  pack_varint(climb, bytes);
  bytes.push_back(static_cast<char>(kind));
  pack_text(name, bytes);
  bytes.append(8 + 5 + 8 + 1, '\0');
  return bytes;
}

} // namespace tree_image_tests

BOOST_AUTO_TEST_SUITE(tree_image_tests)

BOOST_AUTO_TEST_CASE(the_checksum_is_that_of_gzip) {
  auto sum = crc32{};
  sum.add("1234");
  sum.add("56789");
  BOOST_TEST(sum.value() == 0xCBF43926u);
  auto whole = crc32{};
  whole.add("123456789");
  BOOST_TEST(whole.value() == sum.value());
}

BOOST_AUTO_TEST_CASE(any_tree_comes_back_as_it_was) {
  for (auto seed = 1u; seed <= 40; ++seed) {
    auto made = random_tree{seed, static_cast<int>(seed * seed)};
    const auto bytes = write(made.tree, 1 + seed * 10);
    BOOST_TEST(bytes == write(made.tree, 1 << 20)); // the pieces do not matter
    auto back = path_tree{"/the/root"};
    const auto found = read(bytes, back, 1 + seed);
    BOOST_REQUIRE_MESSAGE(found, (found ? "" : found.error().text));
    BOOST_TEST(found->root == head.root);
    BOOST_TEST(found->boot == head.boot);
    BOOST_TEST(found->device == head.device);
    BOOST_TEST(found->flags == image_is_last);
    BOOST_TEST((all_of(back) == all_of(made.tree)));
    BOOST_TEST(back.ghosts().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_tree_may_be_very_deep) {
  auto tree = path_tree{"/the/root"};
  auto* at = &tree.root();
  for (auto i = 0; i < 100'000; ++i)
    at = &tree.create(*at, "d", {.identity = {1}, .ftype = file_type::directory});
  tree.create(tree.root(), "after", {.identity = {9}, .ftype = file_type::file});
  auto back = path_tree{"/the/root"};
  BOOST_REQUIRE(read(write(tree), back, 4096, 1'000'000));
  BOOST_TEST(back.size() == tree.size());
}

BOOST_AUTO_TEST_CASE(the_head_can_be_read_alone) {
  auto tree = path_tree{"/the/root"};
  auto with = head;
  with.only_name = "one";
  const auto found = read_tree_image_head(supply(write(small_tree(tree), 64, with)));
  BOOST_REQUIRE(found);
  BOOST_TEST(found->root == "/the/root");
  BOOST_TEST(found->only_name == "one");
}

BOOST_AUTO_TEST_CASE(an_image_that_is_cut_off_anywhere_is_refused_and_leaves_nothing) {
  auto tree = path_tree{"/the/root"};
  const auto bytes = write(small_tree(tree));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto back = path_tree{"/the/root"};
    const auto found = read(bytes.substr(0, size), back);
    BOOST_REQUIRE(!found);
    BOOST_TEST(back.size() == 1u);
    if (size >= 8)
      BOOST_TEST(found.error().text == "it is cut off");
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_bit_anywhere_is_noticed_but_in_the_flags) {
  auto made = random_tree{3, 30};
  const auto bytes = write(made.tree);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (auto bit = 0; bit < 8; ++bit) {
      auto bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      auto back = path_tree{"/the/root"};
      BOOST_REQUIRE(read(bad, back, 64).has_value() == (at == image_flags_at));
    }
}

BOOST_AUTO_TEST_CASE(what_follows_the_end_is_no_part_of_an_image) {
  auto tree = path_tree{"/the/root"};
  auto back = path_tree{"/the/root"};
  BOOST_TEST(!read(write(small_tree(tree)) + "x", back));
  BOOST_TEST(back.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_foreign_file_and_a_newer_version_are_called_so) {
  auto back = path_tree{"/the/root"};
  BOOST_TEST(read("hello, this is a text", back).error().text == "it is no state file of actors");
  auto bytes = write(back);
  bytes[8] = 2;
  const auto found = read(bytes, back);
  BOOST_TEST((found.error().code == errc::not_supported));
  BOOST_TEST(found.error().text == "it has version 2 and this program knows version 1");
}

BOOST_AUTO_TEST_CASE(a_bound_on_entries_holds) {
  auto tree = path_tree{"/the/root"};
  small_tree(tree);
  auto back = path_tree{"/the/root"};
  const auto found = read(write(tree), back, 64, 3);
  BOOST_REQUIRE(!found);
  BOOST_TEST((found.error().code == errc::full));
  BOOST_TEST(read(write(tree), back, 64, 4).has_value());
}

BOOST_AUTO_TEST_CASE(entries_that_make_no_tree_are_refused) {
  auto tree = path_tree{"/the/root"};
  auto bytes = write(tree);
  const auto root_entry = bytes.substr(34 + 1, bytes.size() - 35 - 4);
  const auto good = prologue(2) + root_entry + entry(0, 1, "f") + entry(1, 1, "g");
  auto back = path_tree{"/the/root"};
  BOOST_REQUIRE(read(sealed(good), back)); // so that what follows fails for its own reason
  const auto refused = [&](const std::string& entries) {
    auto into = path_tree{"/the/root"};
    const auto found = read(sealed(prologue(2) + root_entry + entries), into);
    BOOST_TEST(into.size() == 1u);
    return !found;
  };
  BOOST_TEST(refused(entry(0, 1, "f") + entry(0, 1, "g"))); // in a file
  BOOST_TEST(refused(entry(0, 1, "f") + entry(2, 1, "g"))); // above the root
  BOOST_TEST(refused(entry(0, 1, "f") + entry(UINT64_MAX, 1, "g")));
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 1, "f"))); // the same name
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 5, "g"))); // no such type
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 16, "g")));
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 1, "..")));
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 1, "a/b")));
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 1, "")));
  BOOST_TEST(refused(entry(0, 1, "f") + entry(1, 1, std::string{"a\0b", 3})));
  BOOST_TEST(refused(entry(0, 1, "f"))); // too few
}

BOOST_AUTO_TEST_SUITE_END()

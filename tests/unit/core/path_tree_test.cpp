#include "actors/core/path_tree.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace actors;
using namespace std::chrono_literals;

namespace path_tree_tests {

file_facts facts_of(file_type ftype, std::uint64_t identity = 0, std::uint64_t size = 0) {
  auto facts = file_facts{};
  facts.ftype = ftype;
  facts.identity = {identity};
  facts.size = size;
  return facts;
}

const auto a_file = facts_of(file_type::file);
const auto a_directory = facts_of(file_type::directory);

/// What a tree should hold, as a map from path to node: a rename copies half the map, and the only
/// thing to say for it is that it is plainly right.
class plain_tree {
public:
  struct entry {
    tree_node* node = nullptr;
    file_identity identity;
    std::uint64_t size = 0;
    std::uint64_t number = 0;
    bool is_directory = false;
    bool is_ghost = false;
  };

  explicit plain_tree(tree_node& root) {
    entries["/r"] = {&root, {}, 0, root.number(), true, false};
    numbers_used_.insert(root.number());
  }

  void create(const std::string& path, tree_node& node, const file_facts& facts) {
    const auto is_directory = facts.ftype == file_type::directory;
    BOOST_REQUIRE((node.number() != 0) == is_directory);
    if (is_directory)
      BOOST_REQUIRE(numbers_used_.insert(node.number()).second); // never used again
    entries[path] = {&node, facts.identity, facts.size, node.number(), is_directory, false};
  }

  void move(const std::string& from, const std::string& to) {
    auto moved = std::map<std::string, entry>{};
    for (const auto& [path, x] : entries)
      if (is_within(path, from))
        moved[to + path.substr(from.size())] = x;
    remove(from);
    entries.merge(moved);
    entries[to].is_ghost = false;
  }

  void remove(const std::string& doomed) {
    std::erase_if(entries, [&](const auto& x) { return is_within(x.first, doomed); });
  }

  static bool is_within(const std::string& path, const std::string& directory) {
    return path == directory || path.starts_with(directory + "/");
  }

  std::map<std::string, entry> entries;

private:
  std::set<std::uint64_t> numbers_used_;
};

/// Every way to look at the tree must show what the plain one holds.
void check_same(path_tree& tree, const plain_tree& plain) {
  auto directories = std::size_t{0};
  auto ghosts = std::size_t{0};
  auto identities = std::set<std::uint64_t>{};
  for (const auto& [path, x] : plain.entries) {
    const auto& node = *x.node;
    BOOST_REQUIRE_EQUAL(tree.path_of(node), path);
    auto text = std::string{"before "};
    tree.append_path(node, text);
    BOOST_REQUIRE_EQUAL(text, "before " + path);
    BOOST_REQUIRE(node.identity() == x.identity);
    BOOST_REQUIRE_EQUAL(node.size(), x.size);
    BOOST_REQUIRE_EQUAL(node.is_directory(), x.is_directory);
    BOOST_REQUIRE_EQUAL(node.is_ghost(), x.is_ghost);
    BOOST_REQUIRE_EQUAL(tree.ghosts().count(x.node), x.is_ghost ? 1u : 0u);
    identities.insert(x.identity.value);
    ghosts += x.is_ghost;
    directories += x.is_directory;
    if (x.is_directory)
      BOOST_REQUIRE(tree.directory(x.number) == x.node);
    if (path == "/r")
      continue;
    const auto slash = path.rfind('/');
    const auto& parent = *plain.entries.at(path.substr(0, slash)).node;
    BOOST_REQUIRE(node.parent() == &parent);
    BOOST_REQUIRE(tree.child(parent, path.substr(slash + 1)) == x.node);
    BOOST_REQUIRE(path_tree::is_within(node, parent));
    BOOST_REQUIRE(!path_tree::is_within(parent, node));
    BOOST_REQUIRE_EQUAL(path_tree::is_lost(node), node.is_ghost() || path_tree::is_lost(parent));
  }
  BOOST_REQUIRE_EQUAL(tree.directories(), directories);
  BOOST_REQUIRE_EQUAL(tree.files(), plain.entries.size() - directories);
  BOOST_REQUIRE_EQUAL(tree.ghosts().size(), ghosts);

  for (const auto identity : identities) {
    const auto* found = tree.with_identity({identity});
    BOOST_REQUIRE(found != nullptr);
    BOOST_REQUIRE((found->identity() == file_identity{identity}));
    BOOST_REQUIRE(plain.entries.at(tree.path_of(*found)).node == found);
  }
  BOOST_REQUIRE(tree.with_identity({99}) == nullptr);

  auto met = std::size_t{0}; // by walking, each node once
  auto to_visit = std::vector<const tree_node*>{&tree.root()};
  while (!to_visit.empty()) {
    const auto* node = to_visit.back();
    to_visit.pop_back();
    ++met;
    for (const auto* x = node->first_child(); x != nullptr; x = x->next_sibling()) {
      BOOST_REQUIRE(x->parent() == node);
      to_visit.push_back(x);
    }
  }
  BOOST_REQUIRE_EQUAL(met, plain.entries.size());
}

/// Does the same random things to both.
class random_gardener {
public:
  random_gardener(std::uint64_t seed, path_tree& tree, plain_tree& plain)
    : random_{seed}, tree_{tree}, plain_{plain} {}

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2: return create();
      case 3: return update();
      case 4: return move();
      case 5: return remove();
      case 6: return make_ghost();
      default: return revive();
    }
  }

private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string any_entry() {
    auto i = plain_.entries.begin();
    std::advance(i, below(plain_.entries.size()));
    return i->first;
  }

  /// A place in the tree where nothing is; empty when the dice miss.
  std::string free_place() {
    auto parent = any_entry();
    auto path = parent + "/" + std::string(1, static_cast<char>('a' + below(5)));
    const auto is_free = plain_.entries.at(parent).is_directory && !plain_.entries.contains(path);
    return is_free ? path : std::string{};
  }

  tree_node& parent_of(const std::string& path) {
    return *plain_.entries.at(path.substr(0, path.rfind('/'))).node;
  }

  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  file_facts any_facts(file_type ftype) { return facts_of(ftype, 1 + below(30), below(1000)); }

  void create() {
    const auto path = free_place();
    if (path.empty())
      return;
    const auto facts = any_facts(below(2) == 0 ? file_type::directory : file_type::file);
    plain_.create(path, tree_.create(parent_of(path), name_of(path), facts), facts);
  }

  void update() {
    auto& x = plain_.entries.at(any_entry());
    auto facts = any_facts(x.node->ftype());
    if (below(2) == 0)
      facts.identity = x.identity;
    tree_.update(*x.node, facts);
    x.identity = facts.identity;
    x.size = facts.size;
  }

  void move() {
    const auto from = any_entry();
    const auto to = free_place();
    if (from == "/r" || to.empty() || plain_tree::is_within(to, from))
      return;
    tree_.move(*plain_.entries.at(from).node, parent_of(to), name_of(to));
    plain_.move(from, to);
  }

  void remove() {
    const auto path = any_entry();
    if (path == "/r")
      return;
    tree_.remove(*plain_.entries.at(path).node);
    plain_.remove(path);
  }

  void make_ghost() {
    const auto path = any_entry();
    if (path == "/r")
      return;
    tree_.make_ghost(*plain_.entries.at(path).node, time_point{1s});
    plain_.entries.at(path).is_ghost = true;
  }

  void revive() {
    if (tree_.ghosts().empty())
      return;
    auto& ghost = *tree_.ghosts().begin()->first;
    plain_.entries.at(tree_.path_of(ghost)).is_ghost = false;
    tree_.revive(ghost);
  }

  std::mt19937_64 random_;
  path_tree& tree_;
  plain_tree& plain_;
};

} // namespace path_tree_tests

BOOST_AUTO_TEST_SUITE(path_tree_tests)

BOOST_AUTO_TEST_CASE(a_new_tree_is_its_root) {
  auto tree = path_tree{"/r"};
  BOOST_TEST(tree.directories() == 1u);
  BOOST_TEST(tree.files() == 0u);
  BOOST_TEST(tree.path_of(tree.root()) == "/r");
  BOOST_TEST(tree.directory(tree.root().number()) == &tree.root());
  BOOST_TEST(tree.child(tree.root(), "a") == nullptr);
  BOOST_TEST(!path_tree::is_lost(tree.root()));
  BOOST_TEST(path_tree::is_within(tree.root(), tree.root()));
}

BOOST_AUTO_TEST_CASE(paths_below_the_root_of_all_have_one_slash) {
  auto tree = path_tree{"/"};
  auto& directory = tree.create(tree.root(), "etc", a_directory);
  auto& file = tree.create(directory, "hosts", a_file);
  BOOST_TEST(tree.path_of(tree.root()) == "/");
  BOOST_TEST(tree.path_of(directory) == "/etc");
  BOOST_TEST(tree.path_of(file) == "/etc/hosts");
}

BOOST_AUTO_TEST_CASE(a_moved_directory_carries_what_is_below_it) {
  auto tree = path_tree{"/r"};
  auto& source = tree.create(tree.root(), "source", a_directory);
  auto& inner = tree.create(source, "inner", a_directory);
  auto& file = tree.create(inner, "file", facts_of(file_type::file, 5));
  auto& target = tree.create(tree.root(), "target", a_directory);
  const auto number = inner.number();
  tree.move(source, target, "moved");
  BOOST_TEST(tree.path_of(file) == "/r/target/moved/inner/file");
  BOOST_TEST(tree.child(tree.root(), "source") == nullptr);
  BOOST_TEST(tree.child(target, "moved") == &source);
  BOOST_TEST(tree.child(inner, "file") == &file);
  BOOST_TEST(tree.with_identity({5}) == &file);
  BOOST_TEST(tree.directory(number) == &inner);
}

BOOST_AUTO_TEST_CASE(a_removed_directory_takes_what_is_below_it) {
  auto tree = path_tree{"/r"};
  auto& directory = tree.create(tree.root(), "d", a_directory);
  auto& inner = tree.create(directory, "inner", a_directory);
  auto& file = tree.create(inner, "file", facts_of(file_type::file, 5));
  tree.make_ghost(file, time_point{1s});
  const auto number = inner.number();
  tree.remove(directory);
  BOOST_TEST(tree.directories() == 1u);
  BOOST_TEST(tree.files() == 0u);
  BOOST_TEST(tree.ghosts().empty());
  BOOST_TEST(tree.directory(number) == nullptr);
  BOOST_TEST(tree.with_identity({5}) == nullptr);
  BOOST_TEST(tree.root().first_child() == nullptr);
}

BOOST_AUTO_TEST_CASE(the_number_of_a_directory_is_never_used_again) {
  auto tree = path_tree{"/r"};
  auto used = std::set<std::uint64_t>{tree.root().number()};
  for (int i = 0; i < 100; ++i) {
    auto& directory = tree.create(tree.root(), "d", a_directory);
    BOOST_TEST(used.insert(directory.number()).second);
    tree.remove(directory);
  }
}

BOOST_AUTO_TEST_CASE(a_moved_ghost_comes_to_life) {
  auto tree = path_tree{"/r"};
  auto& file = tree.create(tree.root(), "a", a_file);
  tree.make_ghost(file, time_point{1s});
  BOOST_TEST(path_tree::is_lost(file));
  BOOST_TEST(tree.child(tree.root(), "a") == &file); // a ghost keeps its name
  BOOST_TEST((tree.ghosts().at(&file) == time_point{1s}));
  tree.move(file, tree.root(), "b");
  BOOST_TEST(!path_tree::is_lost(file));
  BOOST_TEST(tree.ghosts().empty());
}

BOOST_AUTO_TEST_CASE(two_names_of_one_file_are_found_until_both_are_gone) {
  auto tree = path_tree{"/r"};
  auto& one = tree.create(tree.root(), "a", facts_of(file_type::file, 5));
  auto& other = tree.create(tree.root(), "b", facts_of(file_type::file, 5));
  tree.remove(one);
  BOOST_TEST(tree.with_identity({5}) == &other);
  tree.update(other, facts_of(file_type::file, 6));
  BOOST_TEST(tree.with_identity({5}) == nullptr);
  BOOST_TEST(tree.with_identity({6}) == &other);
}

BOOST_AUTO_TEST_CASE(a_name_may_grow_and_shrink) {
  auto tree = path_tree{"/r"};
  for (const auto& kind : {a_file, a_directory}) {
    auto& node = tree.create(tree.root(), "a", kind);
    for (const auto size : {1, 7, 8, 255, 254, 3, 40, 41, 255, 2}) {
      tree.move(node, tree.root(), std::string(static_cast<std::size_t>(size), 'n'));
      BOOST_TEST(node.name() == std::string(static_cast<std::size_t>(size), 'n'));
      BOOST_TEST(node.name_text()[size] == '\0');
    }
    tree.remove(node);
  }
}

BOOST_AUTO_TEST_CASE(every_node_with_an_identity_is_visited) {
  auto tree = path_tree{"/r"};
  auto names = std::set<std::string>{};
  for (const auto* name : {"a", "b", "c"})
    tree.create(tree.root(), name, facts_of(file_type::file, 5));
  tree.create(tree.root(), "d", facts_of(file_type::file, 6));
  tree.each_with_identity({5}, [&](const tree_node& x) { names.emplace(x.name()); });
  BOOST_TEST((names == std::set<std::string>{"a", "b", "c"}));
}

BOOST_AUTO_TEST_CASE(a_name_may_hold_any_bytes) {
  auto tree = path_tree{"/r"};
  const auto long_name = std::string(255, '\xff');
  for (const auto& name : {std::string{"a\nb"}, std::string{" "}, long_name}) {
    auto& file = tree.create(tree.root(), name, a_file);
    BOOST_TEST(tree.child(tree.root(), name) == &file);
    BOOST_TEST(tree.path_of(file) == "/r/" + name);
  }
}

BOOST_AUTO_TEST_CASE(a_very_deep_tree_is_made_and_destroyed) {
  constexpr auto levels = 100'000;
  constexpr auto level_of_file = 1000;
  auto tree = path_tree{"/r"};
  auto* deepest = &tree.root();
  const tree_node* file = nullptr;
  for (int i = 1; i <= levels; ++i) {
    deepest = &tree.create(*deepest, "d", a_directory);
    if (i == level_of_file)
      file = &tree.create(*deepest, "file", a_file);
  }
  auto expected = std::string{"/r"};
  for (int i = 0; i < level_of_file; ++i)
    expected += "/d";
  BOOST_TEST(tree.path_of(*file) == expected + "/file");
  BOOST_TEST(tree.path_of(*deepest).size() == 2u + 2u * levels);
  BOOST_TEST(path_tree::is_within(*deepest, tree.root()));
  BOOST_TEST(tree.directories() == levels + 1u);
}

BOOST_AUTO_TEST_CASE(it_holds_what_a_plain_map_of_paths_would) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto tree = path_tree{"/r"};
    auto plain = plain_tree{tree.root()};
    auto gardener = random_gardener{seed, tree, plain};
    for (int i = 0; i < 120; ++i) {
      gardener.step();
      check_same(tree, plain);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

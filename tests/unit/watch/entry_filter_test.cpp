#include "actors/watch/entry_filter.hpp"

#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

using namespace actors;
using namespace actors::test;

namespace actors {

std::ostream& boost_test_print_type(std::ostream& out, entry_filter::verdict x) {
  const char* names[] = {"told", "silent", "left_out"};
  return out << names[static_cast<int>(x)];
}

} // namespace actors

namespace entry_filter_tests {

using verdict = entry_filter::verdict;
using strings = std::vector<std::string>;

/// A tree on the disk and in the model; only directories are in the model.
struct fixture {
  temporary_directory where;
  std::string top = where.path();
  std::optional<path_tree> tree;
  std::optional<entry_filter> filter;
  watch_options options;
  std::uint64_t last_identity = 0;

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path{top + "/" + name}.parent_path());
    std::ofstream{top + "/" + name, std::ios::binary} << text;
  }

  void start(const std::string& root = "") {
    const auto path = root.empty() ? top : top + "/" + root;
    top = path;
    std::filesystem::create_directories(path);
    tree.emplace(path);
    options.path = path;
    filter.emplace(options, *tree);
  }

  /// The directory, made in the model with all above it; silent where the filter says so.
  tree_node& at(const std::string& path) {
    auto* node = &tree->root();
    for (std::size_t from = 0; from < path.size();) {
      const auto slash = std::min(path.find('/', from), path.size());
      const auto name = path.substr(from, slash - from);
      auto* child = tree->child(*node, name);
      if (child == nullptr) {
        auto facts = file_facts{};
        facts.identity = {++last_identity};
        facts.ftype = file_type::directory;
        const auto how = filter->judge(*node, name, file_type::directory);
        child = &tree->create(*node, name, facts);
        child->set_silent(how == verdict::silent);
      }
      node = child;
      from = slash + 1;
    }
    return *node;
  }

  verdict judge(const std::string& path, file_type type = file_type::file) {
    const auto slash = path.rfind('/');
    if (slash == path.npos)
      return filter->judge(tree->root(), path, type);
    return filter->judge(at(path.substr(0, slash)), path.substr(slash + 1), type);
  }
  verdict judge_directory(const std::string& path) { return judge(path, file_type::directory); }

  /// As if the directory was read now.
  bool read_rules(const std::string& path) {
    auto& node = at(path);
    std::filesystem::create_directories(tree->path_of(node));
    return filter->take_rules(node, *directory::open(tree->path_of(node)));
  }
};

} // namespace entry_filter_tests

BOOST_FIXTURE_TEST_SUITE(entry_filter_tests, fixture)

BOOST_AUTO_TEST_CASE(without_options_everything_is_told) {
  start();
  BOOST_TEST(judge(".git") == verdict::told);
  BOOST_TEST(judge("a/b/c") == verdict::told);
  BOOST_TEST(!filter->depends_on_place());
  BOOST_TEST(filter->may_enter(at("a/b/c/d/e/f")));
  BOOST_TEST(!filter->makes_rules(".gitignore"));
}

BOOST_AUTO_TEST_CASE(the_last_exclude_that_matches_has_the_word) {
  options.ignore = {"*.log", "!keep.log", "/build", "a/**/tmp/"};
  start();
  BOOST_TEST(judge("x.log") == verdict::left_out);
  BOOST_TEST(judge("d/keep.log") == verdict::told);
  BOOST_TEST(judge_directory("build") == verdict::left_out);
  BOOST_TEST(judge_directory("d/build") == verdict::told);
  BOOST_TEST(judge_directory("a/b/c/tmp") == verdict::left_out);
  BOOST_TEST(judge("a/b/c/tmp") == verdict::told);
}

BOOST_AUTO_TEST_CASE(include_makes_other_files_left_out_and_other_directories_silent) {
  options.include = {"*.c"};
  start();
  BOOST_TEST(judge("x.c") == verdict::told);
  BOOST_TEST(judge("x.h") == verdict::left_out);
  BOOST_TEST(judge("l", file_type::link) == verdict::left_out);
  BOOST_TEST(judge_directory("d") == verdict::silent);
  BOOST_TEST(judge_directory("d/e") == verdict::silent);
  BOOST_TEST(judge("d/e/x.c") == verdict::told);
}

BOOST_AUTO_TEST_CASE(what_lies_in_an_included_directory_is_included) {
  options.include = {"src/"};
  start();
  BOOST_TEST(judge_directory("a/src") == verdict::told);
  BOOST_TEST(judge("a/src/x") == verdict::told);
  BOOST_TEST(judge_directory("a/src/deep") == verdict::told);
  BOOST_TEST(judge("a/src/deep/er/x") == verdict::told);
  BOOST_TEST(judge("a/x") == verdict::left_out);
  BOOST_TEST(judge("src") == verdict::left_out); // a file
}

BOOST_AUTO_TEST_CASE(what_lies_in_the_root_is_not_included_because_the_root_is_told) {
  options.include = {"d/x"};
  start();
  BOOST_TEST(judge("y") == verdict::left_out);
  BOOST_TEST(judge("x") == verdict::left_out);
  BOOST_TEST(judge("d/x") == verdict::told);
  BOOST_TEST(judge("e/d/x") == verdict::left_out);
}

BOOST_AUTO_TEST_CASE(exclude_wins_over_include) {
  options.include = {"*.c"};
  options.ignore = {"third/", "x.*"};
  start();
  BOOST_TEST(judge_directory("third") == verdict::left_out);
  BOOST_TEST(judge("x.c") == verdict::left_out);
  BOOST_TEST(judge("y.c") == verdict::told);
}

BOOST_AUTO_TEST_CASE(the_nearest_rules_file_that_speaks_has_the_word) {
  options.gitignore = true;
  start();
  write(".gitignore", "*.log\n/only\n");
  write("a/.gitignore", "!*.log\n");
  write("a/b/.gitignore", "x.log\n");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(read_rules("a"));
  BOOST_TEST(read_rules("a/b"));
  BOOST_TEST(judge("x.log") == verdict::left_out);
  BOOST_TEST(judge("c/x.log") == verdict::left_out);
  BOOST_TEST(judge("a/x.log") == verdict::told);
  BOOST_TEST(judge("a/b/x.log") == verdict::left_out);
  BOOST_TEST(judge("a/b/y.log") == verdict::told);
  BOOST_TEST(judge("only") == verdict::left_out);
  BOOST_TEST(judge("a/only") == verdict::told);
}

BOOST_AUTO_TEST_CASE(a_rules_file_speaks_of_paths_from_its_own_directory) {
  options.gitignore = true;
  start();
  write("a/b/.gitignore", "c/d\n/e\n");
  BOOST_TEST(read_rules("a/b"));
  BOOST_TEST(judge("a/b/c/d") == verdict::left_out);
  BOOST_TEST(judge("a/b/e") == verdict::left_out);
  BOOST_TEST(judge("c/d") == verdict::told);
  BOOST_TEST(judge("a/b/x/c/d") == verdict::told);
}

BOOST_AUTO_TEST_CASE(rules_follow_the_directory_that_moves) {
  options.gitignore = true;
  start();
  write("a/b/.gitignore", "/x\n");
  BOOST_TEST(read_rules("a/b"));
  tree->move(at("a/b"), tree->root(), "c");
  BOOST_TEST(judge("c/x") == verdict::left_out);
  BOOST_TEST(filter->depends_on_place());
}

BOOST_AUTO_TEST_CASE(options_have_the_word_before_all_files) {
  options.gitignore = true;
  options.ignore = {"!a.log", "b"};
  start();
  write(".gitignore", "*.log\n!b\n");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(judge("a.log") == verdict::told);
  BOOST_TEST(judge("b") == verdict::left_out);
  BOOST_TEST(judge("c.log") == verdict::left_out);
}

BOOST_AUTO_TEST_CASE(the_repository_itself_is_left_out_with_gitignore_and_cannot_be_had) {
  options.gitignore = true;
  options.ignore = {"!.git"};
  start();
  BOOST_TEST(judge_directory(".git") == verdict::left_out);
  BOOST_TEST(judge_directory("sub/.git") == verdict::left_out);
  BOOST_TEST(judge("sub/.git") == verdict::left_out); // of a submodule
  BOOST_TEST(judge(".gitignore") == verdict::told);
  BOOST_TEST(filter->makes_rules(".gitignore"));
  BOOST_TEST(!filter->makes_rules("gitignore"));
}

BOOST_AUTO_TEST_CASE(the_rules_of_the_repository_above_the_root_hold_the_nearest_first) {
  options.gitignore = true;
  write(".git/HEAD", "ref: refs/heads/main\n");
  write(".gitignore", "*.o\n/a/root/gen\nroot/y\n");
  write("a/.gitignore", "!keep.o\n");
  start("a/root");
  BOOST_TEST(judge("x.o") == verdict::left_out);
  BOOST_TEST(judge("d/keep.o") == verdict::told);
  BOOST_TEST(judge_directory("gen") == verdict::left_out);
  BOOST_TEST(judge_directory("d/gen") == verdict::told);
  BOOST_TEST(judge("y") == verdict::told); // a pattern with a slash is anchored to its file
}

BOOST_AUTO_TEST_CASE(what_lies_above_the_repository_does_not_hold) {
  options.gitignore = true;
  write(".gitignore", "*.o\n");
  write("repo/.git/HEAD", "ref: refs/heads/main\n");
  start("repo");
  BOOST_TEST(judge("x.o") == verdict::told);
}

BOOST_AUTO_TEST_CASE(without_a_repository_nothing_above_the_root_holds) {
  options.gitignore = true;
  write(".gitignore", "*.o\n");
  start("a/root");
  BOOST_TEST(judge("x.o") == verdict::told);
}

BOOST_AUTO_TEST_CASE(
  a_worktree_is_a_repository_too) { // there .git is a file (gitrepository-layout)
  options.gitignore = true;
  write(".git/HEAD", "ref: refs/heads/main\n");
  write(".gitignore", "*.far\n");
  write("tree/.git", "gitdir: /elsewhere/.git/worktrees/tree\n");
  write("tree/.gitignore", "*.o\n");
  start("tree/sub/root");
  BOOST_TEST(judge("x.o") == verdict::left_out);
  BOOST_TEST(judge("x.far") == verdict::told);
}

BOOST_AUTO_TEST_CASE(a_root_through_a_link_has_the_rules_of_where_it_is) {
  options.gitignore = true;
  write("repo/.git/HEAD", "ref: refs/heads/main\n");
  write("repo/.gitignore", "*.o\n");
  write("repo/sub/f", "");
  std::filesystem::create_directory_symlink(top + "/repo/sub", top + "/link");
  start("link");
  BOOST_TEST(judge("x.o") == verdict::left_out);
}

BOOST_AUTO_TEST_CASE(rules_are_told_to_differ_only_when_they_do) {
  options.gitignore = true;
  start();
  BOOST_TEST(!read_rules(""));
  write(".gitignore", "a\n");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(!read_rules(""));
  write(".gitignore", "b\n");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(judge("a") == verdict::told);
  BOOST_TEST(judge("b") == verdict::left_out);
  write(".gitignore", "");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(judge("b") == verdict::told);
  BOOST_TEST(!read_rules(""));
  write(".gitignore", "c\n");
  BOOST_TEST(read_rules(""));
  std::filesystem::remove(top + "/.gitignore");
  BOOST_TEST(read_rules(""));
  BOOST_TEST(judge("c") == verdict::told);
  BOOST_TEST(!read_rules(""));
}

BOOST_AUTO_TEST_CASE(too_many_lines_are_told_once_a_change) {
  options.gitignore = true;
  start();
  auto text = std::string{};
  for (auto i = 0; i < 5'000; ++i)
    text += "name" + std::to_string(i) + "\n";
  write("a/.gitignore", text);
  BOOST_TEST(read_rules("a"));
  const auto complaints = filter->take_complaints();
  BOOST_REQUIRE(complaints.size() == 1u);
  BOOST_TEST(complaints[0].starts_with(top + "/a/.gitignore: 1000 lines"));
  BOOST_TEST(!read_rules("a"));
  BOOST_TEST(filter->take_complaints().empty());
  BOOST_TEST(judge("a/name3999") == verdict::left_out);
  BOOST_TEST(judge("a/name4000") == verdict::told);
}

BOOST_AUTO_TEST_CASE(a_rules_file_that_is_too_large_is_not_read_and_that_is_told) {
  options.gitignore = true;
  start();
  write(".gitignore", "x\n" + std::string(1024 * 1024, '#'));
  read_rules("");
  BOOST_TEST(judge("x") == verdict::told);
  BOOST_TEST(filter->take_complaints().size() == 1u);
  read_rules("");
  BOOST_TEST(filter->take_complaints().empty());
}

BOOST_AUTO_TEST_CASE(too_many_patterns_of_the_user_are_told) {
  for (auto i = 0; i < 4'001; ++i)
    options.ignore.push_back("x" + std::to_string(i));
  start();
  BOOST_TEST(filter->take_complaints().size() == 1u);
  BOOST_TEST(filter->take_complaints().empty());
}

BOOST_AUTO_TEST_CASE(beyond_so_many_rules_files_they_are_not_read_until_there_is_room) {
  options.gitignore = true;
  start();
  write("shared/.gitignore", "*.o\n");
  const auto shared = directory::open(top + "/shared");
  BOOST_REQUIRE(shared.has_value());
  for (auto i = 0; i < 10'000; ++i)
    BOOST_REQUIRE(filter->take_rules(at("d" + std::to_string(i)), *shared));
  BOOST_TEST(!filter->take_rules(at("late"), *shared));
  const auto complaints = filter->take_complaints();
  BOOST_REQUIRE(complaints.size() == 1u);
  BOOST_TEST(complaints[0].find("/late: too many .gitignore files") != std::string::npos);
  BOOST_TEST(judge("late/x.o") == verdict::told);
  BOOST_TEST(judge("d9999/x.o") == verdict::left_out);
  tree->remove(at("d5"));
  BOOST_TEST(filter->take_rules(at("late"), *shared));
  BOOST_TEST(judge("late/x.o") == verdict::left_out);
}

BOOST_AUTO_TEST_CASE(depth_says_what_is_entered) {
  options.depth_max = 2;
  start();
  BOOST_TEST(filter->may_enter(tree->root()));
  BOOST_TEST(filter->may_enter(at("a")));
  BOOST_TEST(!filter->may_enter(at("a/b")));
  BOOST_TEST(judge("a/b") == verdict::told);
  BOOST_TEST(filter->depends_on_place());
  tree->move(at("a/b"), tree->root(), "b");
  BOOST_TEST(filter->may_enter(at("b")));
}

BOOST_AUTO_TEST_SUITE_END()

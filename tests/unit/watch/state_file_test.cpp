#include "actors/watch/state_file.hpp"

#include "actors/testkit/batches.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace actors::testkit;

namespace state_file_tests {

using texts = std::vector<std::string>;
using kind = state_file::memory::kind;
using outcome = state_file::outcome;

struct fixture {
  temporary_directory where;
  std::string path = where / "state";
  path_tree tree{"/r"};
  texts complaints;
  std::shared_ptr<state_file> file;
  std::uint64_t right = 0;

  fixture() {
    reopen();
    file->has_sink(0);
  }

  void reopen() {
    file.reset(); // as if the process had been killed
    auto opened =
      state_file::open(path, "/r", 0, [this](const std::string& x) { complaints.push_back(x); });
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().text));
    file = *opened;
    file->has_sink(0);
    right = file->take_over();
  }

  void add(const std::string& name) {
    tree.create(tree.root(), name, {.identity = {1}, .ftype = file_type::file});
  }
  void write(std::uint64_t number, bool is_last = false) {
    BOOST_REQUIRE(file->write(right, {tree, {}, 5, number, is_last}, [] {}));
  }
  outcome commit() {
    const auto done = file->commit(right);
    BOOST_REQUIRE(done);
    return *done;
  }
  void offer(const std::vector<std::string>& paths) { file->before_offer(0, batch_of(paths)); }
  void deliver(std::uint64_t number) { file->delivered(0, batch_marks{{0, number}}); }
  bool has(const char* suffix) { return std::filesystem::exists(path + suffix); }

  state_file::memory recall(path_tree& into) { return file->recall(into, std::string{}, 1'000); }

  texts recalled_names() {
    auto into = path_tree{"/r"};
    const auto found = recall(into);
    auto names = texts{};
    for (auto* x = into.root().first_child(); x != nullptr; x = x->next_sibling())
      names.emplace_back(x->name());
    for (const auto& [doubted, what] : found.doubts)
      names.push_back("? " + doubted);
    std::sort(names.begin(), names.end());
    return names;
  }
};

} // namespace state_file_tests

BOOST_FIXTURE_TEST_SUITE(state_file_tests, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_recalled_from_nothing) {
  auto into = path_tree{"/r"};
  const auto found = recall(into);
  BOOST_TEST((found.is == kind::none));
  BOOST_TEST(found.trouble.empty());
}

BOOST_AUTO_TEST_CASE(an_image_is_in_place_when_all_it_tells_is_delivered_and_not_before) {
  add("a");
  write(3);
  BOOST_TEST((commit() == outcome::waits));
  deliver(2);
  BOOST_TEST((commit() == outcome::waits));
  BOOST_TEST(!has(""));
  deliver(3);
  BOOST_TEST((commit() == outcome::done));
  BOOST_TEST((commit() == outcome::nothing));
  reopen();
  BOOST_TEST(recalled_names() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_offered_since_the_image_is_doubted) {
  add("a");
  offer({"/r/before"});
  write(0);
  offer({"/r/behind"});
  commit();
  BOOST_TEST(!has(".told.old"));
  offer({"/r/later", "/elsewhere"});
  reopen();
  const auto expected = texts{"? /r/behind", "? /r/later", "a"};
  BOOST_TEST(recalled_names() == expected, boost::test_tools::per_element());
  reopen(); // and still is, until there is a newer image
  offer({"/r/x"});
  reopen();
  BOOST_TEST(recalled_names().size() == 4u);
  write(0); // of what all of it is now
  offer({"/r/y"});
  commit();
  reopen();
  BOOST_TEST(recalled_names() == (texts{"? /r/y", "a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(while_an_image_waits_both_journals_count) {
  write(0);
  commit();
  offer({"/r/1"});
  write(9);
  offer({"/r/2"});
  write(10); // takes the place of the one that waits
  offer({"/r/3"});
  reopen();
  BOOST_TEST(
    recalled_names() == (texts{"? /r/1", "? /r/2", "? /r/3"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(at_the_end_the_last_image_is_in_place_and_nothing_is_doubted) {
  add("a");
  offer({"/r/a"});
  write(4, true);
  deliver(4);
  file->at_end();
  BOOST_TEST(!has(".tmp"));
  BOOST_TEST(!has(".told"));
  BOOST_TEST(!has(".told.old"));
  reopen();
  BOOST_TEST(recalled_names() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_last_image_that_was_not_delivered_is_dropped) {
  write(0);
  commit();
  add("a");
  offer({"/r/a"});
  write(4, true);
  file->at_end();
  BOOST_TEST(!has(".tmp"));
  reopen();
  BOOST_TEST(recalled_names() == texts{"? /r/a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_incarnation_that_was_replaced_writes_nothing) {
  write(0);
  const auto before = right;
  right = file->take_over();
  BOOST_TEST((*file->commit(before) == outcome::nothing));
  BOOST_TEST(!file->write(before, {tree, {}, 5, 0, false}, [] {}));
  BOOST_TEST((commit() == outcome::done));
}

BOOST_AUTO_TEST_CASE(offered_before_the_first_image_the_reader_must_forget) {
  offer({"/r/a"});
  reopen();
  auto into = path_tree{"/r"};
  BOOST_TEST((recall(into).is == kind::must_forget));
}

BOOST_AUTO_TEST_CASE(a_reader_that_was_told_to_forget_must_forget_again) {
  add("a");
  write(0);
  commit();
  auto builder = batch_builder{};
  builder.add({.type = event_type::overflow, .baseline = true, .path = "/r"});
  file->before_offer(0, builder.finish());
  for (auto i = 0; i < 2; ++i) {
    reopen();
    auto into = path_tree{"/r"};
    BOOST_TEST((recall(into).is == kind::must_forget));
    BOOST_TEST(into.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_torn_frame_was_never_offered) {
  write(0);
  commit();
  offer({"/r/a"});
  file.reset();
  std::ofstream{path + ".told", std::ios::app | std::ios::binary} << "\x20\x01";
  reopen();
  offer({"/r/b"});
  reopen();
  BOOST_TEST(recalled_names() == (texts{"? /r/a", "? /r/b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_a_power_failure_nothing_is_trusted) {
  add("a");
  write(0);
  commit();
  file.reset();
  auto bytes = std::string{};
  {
    auto stream = std::ifstream{path, std::ios::binary};
    bytes.assign(std::istreambuf_iterator<char>{stream}, {});
  }
  // The same image, of another start of the machine.
  auto head = read_tree_image_head([&, once = false]() mutable {
    return std::exchange(once, true) ? std::string_view{} : std::string_view{bytes};
  });
  head->boot = "another";
  const auto rewrite = [&](std::uint8_t flags) {
    head->flags = flags;
    auto writer = tree_image_writer{tree, *head};
    bytes.clear();
    while (writer.write(100, bytes)) {
    }
    file.reset();
    std::ofstream{path, std::ios::binary} << bytes;
    reopen();
  };
  rewrite(0);
  auto into = path_tree{"/r"};
  auto found = recall(into);
  BOOST_TEST((found.is == kind::must_forget));
  BOOST_TEST(found.trouble == "the machine went down while it was in use");
  rewrite(image_is_last); // it ended well before the machine did
  BOOST_TEST((recall(into).is == kind::tree));
  rewrite(image_is_last | image_is_doubtful);
  auto other = path_tree{"/r"};
  BOOST_TEST((recall(other).is == kind::must_forget));
}

BOOST_AUTO_TEST_CASE(a_file_of_another_root_or_in_use_is_refused) {
  write(0);
  commit();
  const auto ignore = [](const std::string&) {};
  BOOST_TEST((state_file::open(path, "/r", 0, ignore).error().code == errc::unavailable));
  file.reset();
  const auto refused = state_file::open(path, "/s", 0, ignore);
  BOOST_TEST((refused.error().code == errc::invalid_argument));
  BOOST_TEST(refused.error().text
             == "state file " + path + ": it is of /r, not of /s; name another file, or remove it");
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_put_aside_with_what_was_noted) {
  write(0);
  commit();
  offer({"/r/a"});
  file.reset();
  std::filesystem::resize_file(path, 20);
  reopen();
  auto into = path_tree{"/r"};
  const auto found = recall(into);
  BOOST_TEST((found.is == kind::none));
  BOOST_TEST(found.trouble == "it is cut off");
  BOOST_TEST(has(".bad"));
  BOOST_TEST(!has(".told"));
  BOOST_TEST(!has(".told.old"));
  write(0);
  commit();
  reopen();
  BOOST_TEST(recalled_names().empty());
}

BOOST_AUTO_TEST_CASE(when_its_pipeline_has_ended_the_files_are_free_though_somebody_holds_it) {
  write(1, true);
  deliver(1);
  file->at_end();
  const auto held = file;
  reopen();
  BOOST_TEST(file != held);
  BOOST_CHECK_THROW(held->before_offer(0, batch_of({"/r/a"})), std::runtime_error);
  const auto late = held->write(1, {tree, {}, 5, 2, true}, [] {});
  BOOST_TEST(!late);
}

BOOST_AUTO_TEST_SUITE_END()

#include "actors/watch/coverage.hpp"

#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace actors;
using namespace actors::testkit;
using namespace std::chrono_literals;

namespace coverage_tests {

using numbers = std::vector<std::uint64_t>;
using texts = std::vector<std::string>;

/// Polls every second; a tree past its baseline.
struct fixture {
  told_tree told{"/r"};
  fake_source_context ctx;
  coverage cover{told, ctx, 1s};
  std::uint64_t last_identity = 0;
  tree_node& root = told.tree().root();

  fixture() {
    told.tell_ready("test", 1ms);
    read();
  }

  tree_node& folder(tree_node& in, std::string_view name) {
    auto facts = file_facts{};
    facts.identity = {++last_identity};
    facts.ftype = file_type::directory;
    auto& node = told.create(in, name, facts);
    read();
    return node;
  }

  void note(const tree_node& node, errc code, const std::string& text) {
    cover.note({{node.number(), code, text}}, ctx.clock);
  }
  void no_watch(const tree_node& node) { note(node, errc::limit_reached, "no watch left"); }
  void denied(const tree_node& node) { note(node, errc::permission_denied, "may not"); }
  void live(const tree_node& node) { note(node, {}, {}); }

  texts read() {
    auto lines = lines_of(told.next_batch());
    told.handed_on();
    return lines;
  }
  int log_lines(std::string_view id) {
    return static_cast<int>(
      std::count_if(ctx.lines.begin(), ctx.lines.end(), [&](auto& x) { return x.event == id; }));
  }
  numbers due_after(std::chrono::milliseconds span) {
    ctx.clock += span;
    return cover.take_due(ctx.clock);
  }
};

} // namespace coverage_tests

BOOST_FIXTURE_TEST_SUITE(coverage_tests, fixture)

BOOST_AUTO_TEST_CASE(all_is_live_until_there_is_a_finding) {
  live(root);
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(!cover.due().has_value());
  BOOST_TEST(read().empty());
}

BOOST_AUTO_TEST_CASE(the_backend_and_why_are_noted_and_logged_once) {
  cover.works_with("inotify", "no permission");
  BOOST_TEST(ctx.noted == "inotify (no permission)");
  BOOST_TEST(log_lines("backend_chosen") == 1);
  cover.works_with("fanotify", "");
  BOOST_TEST(ctx.noted == "fanotify");
}

BOOST_AUTO_TEST_CASE(a_subtree_is_told_once) {
  auto& a = folder(root, "a");
  auto& b = folder(a, "b");
  auto& c = folder(b, "c");
  no_watch(a);
  no_watch(b);
  no_watch(c);
  no_watch(a);
  BOOST_TEST(read() == texts{"degraded /r/a"}, boost::test_tools::per_element());
  BOOST_TEST(log_lines("watch_degraded") == 1);
  BOOST_TEST(ctx.degradation.find("3 polled") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_trouble_below_is_told_by_itself) {
  auto& a = folder(root, "a");
  auto& b = folder(a, "b");
  no_watch(a);
  denied(b);
  BOOST_TEST((read() == texts{"degraded /r/a", "degraded /r/a/b"}));
  BOOST_TEST(ctx.degradation.find("1 polled for want of a watch, 1 denied") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(siblings_are_told_each) {
  auto& a = folder(root, "a");
  auto& b = folder(root, "b");
  no_watch(a);
  no_watch(b);
  BOOST_TEST((read() == texts{"degraded /r/a", "degraded /r/b"}));
}

BOOST_AUTO_TEST_CASE(it_is_over_when_all_are_live_again_and_told_anew_if_it_comes_back) {
  auto& a = folder(root, "a");
  no_watch(a);
  read();
  live(a);
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(read().empty());
  no_watch(a);
  BOOST_TEST((read() == texts{"degraded /r/a"}));
  BOOST_TEST(ctx.degradation != "");
}

BOOST_AUTO_TEST_CASE(polling_that_was_asked_for_is_no_trouble) {
  auto& a = folder(root, "a");
  for (auto* node : {&root, &a})
    note(*node, errc::not_supported, "");
  BOOST_TEST(read().empty());
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(ctx.lines.empty());
  BOOST_TEST((due_after(1s) == numbers{root.number(), a.number()}));
}

BOOST_AUTO_TEST_CASE(what_is_denied_is_not_polled) {
  denied(folder(root, "a"));
  BOOST_TEST(!cover.due().has_value());
  BOOST_TEST(due_after(1h).empty());
  BOOST_TEST(ctx.degradation.find("1 denied") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_found_no_room_is_read_with_the_polled) {
  auto& a = folder(root, "a");
  auto& b = folder(root, "b");
  auto& gone = folder(root, "gone");
  note(b, errc::full, "the model is full");
  no_watch(a);
  BOOST_TEST(ctx.degradation.find("1 beyond entries_max") != std::string::npos);
  BOOST_TEST((due_after(1s) == numbers{a.number()})); // nothing has made room
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  told.remove(gone);
  BOOST_TEST((due_after(1s) == numbers{a.number(), b.number()}));
}

BOOST_AUTO_TEST_CASE(a_pass_begins_after_the_interval_and_the_next_after_its_end) {
  auto& a = folder(root, "a");
  no_watch(a);
  BOOST_TEST(due_after(999ms).empty());
  BOOST_TEST((due_after(1ms) == numbers{a.number()}));
  BOOST_TEST(cover.in_pass());
  BOOST_TEST(!cover.due().has_value());
  BOOST_TEST(due_after(1h - 1s).empty()); // it takes its time
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  BOOST_TEST(!cover.in_pass());
  BOOST_TEST(cover.due().has_value());
}

BOOST_AUTO_TEST_CASE(a_pass_that_is_quick_is_repeated_every_interval) {
  no_watch(folder(root, "a"));
  for (auto i = 0; i < 3; ++i) {
    BOOST_TEST(due_after(1s).size() == 1u);
    ctx.clock += 10ms;
    cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
    BOOST_TEST(due_after(999ms).empty());
    ctx.clock -= 999ms;
  }
}

BOOST_AUTO_TEST_CASE(polling_takes_a_tenth_of_the_time_at_most) {
  no_watch(folder(root, "a"));
  due_after(1s);
  ctx.clock += 2s; // so long it takes to read
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  BOOST_TEST(due_after(17'999ms).empty());
  BOOST_TEST(due_after(1ms).size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_end_without_a_pass_is_none) {
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  BOOST_TEST(!cover.due().has_value());
}

BOOST_AUTO_TEST_CASE(names_that_vanished_in_a_pass_are_looked_for_at_once) {
  no_watch(folder(root, "a"));
  due_after(1s);
  const auto vanished = ctx.clock;
  ctx.clock += 10ms;
  cover.end_pass(ctx.clock, coverage::next_pass::soon);
  BOOST_TEST(!cover.has_looked_since(vanished)); // the pass had begun before
  BOOST_TEST(due_after(10ms).size() == 1u);
  BOOST_TEST(!cover.has_looked_since(vanished));
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  BOOST_TEST(cover.has_looked_since(vanished));
}

BOOST_AUTO_TEST_CASE(where_nothing_is_polled_nothing_is_waited_for) {
  BOOST_TEST(cover.has_looked_since(ctx.clock));
  BOOST_TEST(!cover.polls());
}

BOOST_AUTO_TEST_CASE(a_pass_can_be_hurried) {
  no_watch(folder(root, "a"));
  cover.hurry(ctx.clock);
  BOOST_TEST(due_after(0ms).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_finding_during_a_pass_waits_for_the_next_one) {
  auto& a = folder(root, "a");
  no_watch(a);
  due_after(1s);
  auto& b = folder(a, "b");
  no_watch(b);
  BOOST_TEST(!cover.due().has_value());
  cover.end_pass(ctx.clock, coverage::next_pass::in_turn);
  BOOST_TEST((due_after(1s) == numbers{a.number(), b.number()}));
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_gone_is_forgotten) {
  auto& a = folder(root, "a");
  no_watch(a);
  told.remove(a);
  BOOST_TEST(due_after(1s).empty());
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(!cover.in_pass());
  auto& b = folder(root, "b");
  no_watch(b); // a new trouble has a new interval
  BOOST_TEST(cover.due().has_value());
}

BOOST_AUTO_TEST_CASE(when_all_recovered_during_the_wait_there_is_no_pass) {
  auto& a = folder(root, "a");
  no_watch(a);
  live(a);
  BOOST_TEST(due_after(1s).empty());
  BOOST_TEST(!cover.in_pass());
}

BOOST_AUTO_TEST_CASE(a_lost_root_is_a_degradation_until_it_is_found) {
  cover.works_with("inotify", "");
  cover.root_lost("No such file");
  BOOST_TEST(ctx.degradation == "root lost: No such file");
  BOOST_TEST(ctx.noted == "");
  cover.root_found();
  BOOST_TEST(ctx.degradation == "");
  BOOST_TEST(ctx.noted == "inotify");
}

BOOST_AUTO_TEST_CASE(a_polled_root_that_was_lost_is_polled_again) {
  note(root, errc::not_supported, "");
  BOOST_TEST(due_after(1s).size() == 1u); // lost in the middle of a pass
  cover.root_lost("gone");
  BOOST_TEST(due_after(1h).empty());
  cover.root_found();
  note(root, errc::not_supported, "");
  BOOST_TEST((due_after(1s) == numbers{root.number()}));
}

BOOST_AUTO_TEST_CASE(the_trouble_of_a_lost_root_is_not_that_of_the_next_one) {
  no_watch(root);
  read();
  cover.root_lost("gone");
  cover.root_found();
  BOOST_TEST(ctx.degradation == "");
  no_watch(root);
  BOOST_TEST((read() == texts{"degraded /r"}));
}

BOOST_AUTO_TEST_SUITE_END()

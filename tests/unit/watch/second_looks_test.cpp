#include "actors/watch/second_looks.hpp"

#include <boost/test/unit_test.hpp>

using namespace actors;
using namespace std::chrono_literals;

namespace second_looks_tests {

struct fixture {
  second_looks looks;
  time_point now{1h};
};

} // namespace second_looks_tests

BOOST_FIXTURE_TEST_SUITE(second_looks_tests, fixture)

BOOST_AUTO_TEST_CASE(the_first_is_due_at_once_and_each_other_a_little_later) {
  BOOST_TEST(looks.is_due(now));
  looks.begin(now);
  BOOST_TEST(!looks.is_due(now));
  BOOST_TEST(!looks.is_due(now + second_looks::apart - 1us));
  BOOST_TEST(looks.is_due(looks.due()));
  BOOST_TEST((looks.due() == now + second_looks::apart));
}

BOOST_AUTO_TEST_CASE(what_happened_as_it_began_has_not_been_looked_at) {
  BOOST_TEST(!looks.has_begun_since(now));
  looks.begin(now);
  BOOST_TEST(looks.has_begun_since(now - 1us));
  BOOST_TEST(!looks.has_begun_since(now));
}

BOOST_AUTO_TEST_CASE(so_many_in_vain_in_a_row_are_too_many) {
  for (auto round = 0; round < 2; ++round) {
    for (auto i = 0; i < second_looks::looks_max; ++i)
      BOOST_TEST(!looks.note_vain());
    BOOST_TEST(looks.note_vain());
    looks.forget_vain();
  }
}

BOOST_AUTO_TEST_SUITE_END()

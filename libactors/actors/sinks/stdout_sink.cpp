#include "actors/sinks/stdout_sink.hpp"

namespace actors {

namespace {

constexpr auto standard_output = 1; // stdout(3)

} // namespace

stdout_sink::kept::kept() : out{standard_output} {}

} // namespace actors

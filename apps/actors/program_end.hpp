#pragma once

#include "actors/node/node.hpp"

#include <string>
#include <string_view>

#include "exit_code.hpp"

namespace actors::program {

/// Says it on standard error, each line of it as one of ours.
void complain(std::string_view text);

// `admin` is the path of our socket, which goes with us; empty: there is none.

/// On a second signal: waits for nothing.
[[noreturn]] void end_at_once(const std::string& admin);

/// What the program ends with: `code`, when the stop was clean. When it was not, the process ends
/// here: an abandoned thread may still run, and nothing may be taken from under it.
exit_code end_of(const stop_report& stop, exit_code code, const std::string& admin);

} // namespace actors::program

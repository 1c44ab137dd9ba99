# cmake -DPAGE=dashboard.html -DOUTPUT=dashboard.cpp -P EmbedDashboard.cmake
#
# Writes the page as a C++ source. Its one style and its one script are allowed by their hashes, so that
# nothing else that gets into the page can run (Content Security Policy Level 3).
cmake_minimum_required(VERSION 3.25)

# CSP wants base64; CMake gives hexadecimal. Three digits are two characters.
function(base64_of_sha256 text result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 digits "${text}")
  set(digits "${digits}00")
  set(encoded "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING ${digits} ${at} 3 three)
    math(EXPR first "0x${three} >> 6")
    math(EXPR second "0x${three} & 63")
    string(SUBSTRING ${alphabet} ${first} 1 a)
    string(SUBSTRING ${alphabet} ${second} 1 b)
    string(APPEND encoded "${a}${b}")
  endforeach()
  string(SUBSTRING ${encoded} 0 43 encoded)
  set(${result} "${encoded}=" PARENT_SCOPE)
endfunction()

# What stands between <TAG> and </TAG>.
function(inside tag page result)
  string(FIND "${page}" "<${tag}>" begin)
  string(FIND "${page}" "</${tag}>" end)
  string(LENGTH "<${tag}>" length)
  math(EXPR begin "${begin} + ${length}")
  math(EXPR length "${end} - ${begin}")
  string(SUBSTRING "${page}" ${begin} ${length} text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

file(READ "${PAGE}" page)
inside(style "${page}" style)
inside(script "${page}" script)
base64_of_sha256("${style}" style)
base64_of_sha256("${script}" script)
set(policy "default-src 'none'; script-src 'sha256-${script}'; style-src 'sha256-${style}'; img-src data:; \
connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'")
string(REPLACE "@POLICY@" "${policy}" page "${page}")

# A string literal may have 65,536 bytes (C++ standard, annex B); in pieces there is no limit that matters.
string(LENGTH "${page}" length)
set(literals "")
foreach(at RANGE 0 ${length} 8000)
  string(SUBSTRING "${page}" ${at} 8000 piece)
  string(APPEND literals "R\"dashboard(${piece})dashboard\"\n")
endforeach()
file(WRITE "${OUTPUT}" "// Written by cmake/EmbedDashboard.cmake.
#include \"actors/admin/dashboard.hpp\"

namespace actors {

namespace {

constexpr std::string_view page =
${literals};

} // namespace

std::string_view dashboard_page() noexcept {
  return page;
}

std::string_view dashboard_policy() noexcept {
  return \"${policy}; frame-ancestors 'none'\";
}

} // namespace actors
")

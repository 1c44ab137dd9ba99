#include "program_outline.hpp"

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>

namespace actors::program {

namespace {

std::vector<std::string> words_of(const std::string& text) {
  auto words = std::vector<std::string>{};
  auto rest = std::istringstream{text};
  for (auto word = std::string{}; std::getline(rest, word, '|');)
    words.push_back(word);
  return words.size() > 1 ? words : std::vector<std::string>{};
}

/// CLI11 writes the checks behind the type: "N:POSITIVE".
std::string without_checks(const std::string& type) {
  return type.substr(0, type.find(':'));
}

option_outline outline_of(const CLI::Option& option) {
  auto x = option_outline{};
  for (const auto& name : option.get_snames())
    x.names.push_back("-" + name);
  for (const auto& name : option.get_lnames())
    x.names.push_back("--" + name);
  if (option.get_positional())
    x.place = option.get_name(true);
  if (option.get_items_expected_max() > 0)
    x.takes = x.place.empty() ? without_checks(option.get_type_name()) : x.place;
  x.choices = words_of(option.get_type_name());
  x.help = option.get_description();
  x.is_required = option.get_required();
  x.is_repeatable = option.get_items_expected_max() > 1;
  return x;
}

} // namespace

bool option_outline::takes_files() const {
  static constexpr const char* kinds[] = {"FILE", "PATH", "DIR"};
  return choices.empty() && std::any_of(std::begin(kinds), std::end(kinds), [&](const char* kind) {
    return takes.find(kind) != std::string::npos;
  });
}

command_outline outline_of(const CLI::App& program) {
  auto x = command_outline{program.get_name(), program.get_description(), {}, {}};
  for (const auto* option : program.get_options())
    if (!option->get_group().empty())
      x.options.push_back(outline_of(*option));
  for (const auto* verb : program.get_subcommands([](const CLI::App*) { return true; }))
    if (!verb->get_group().empty())
      x.verbs.push_back(outline_of(*verb));
  return x;
}

} // namespace actors::program

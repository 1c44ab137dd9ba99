#include "completions_command.hpp"

#include <ostream>
#include <string_view>

#include "exit_code.hpp"
#include "program_outline.hpp"

namespace actors::program {

namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  auto text = std::string{};
  for (const auto& word : words)
    text.append(text.empty() ? "" : between).append(word);
  return text;
}

/// In single quotes, as every shell here takes it.
std::string quoted(std::string_view text) {
  auto out = std::string{"'"};
  for (const auto c : text)
    out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string names_in(const command_outline& command) {
  auto names = std::vector<std::string>{};
  for (const auto& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  for (const auto& verb : command.verbs)
    names.push_back(verb.name);
  return joined(names, " ");
}

// -- bash
// --------------------------------------------------------------------------------------------

/// The words that may follow an option; what takes files is left to the shell's own.
void bash_values(const command_outline& command, std::ostream& out) {
  constexpr auto ours = "compopt +o default +o bashdefault; return ;;\n";
  auto anything = std::vector<std::string>{};
  auto files = std::vector<std::string>{};
  for (const auto& option : command.options) {
    if (option.names.empty() || option.takes.empty())
      continue;
    if (!option.choices.empty()) {
      out << "      " << joined(option.names, "|") << ") COMPREPLY=($(compgen -W "
          << quoted(joined(option.choices, " ")) << " -- \"$word\")); " << ours;
      continue;
    }
    auto& names = option.takes_files() ? files : anything;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  if (!files.empty())
    out << "      " << joined(files, "|") << ") return ;;\n";
  if (!anything.empty())
    out << "      " << joined(anything, "|") << ") " << ours;
}

std::string choices_by_place(const command_outline& command) {
  auto words = std::string{};
  for (const auto& option : command.options)
    if (option.names.empty() && !option.choices.empty())
      words += (words.empty() ? "" : " ") + joined(option.choices, " ");
  return words;
}

bool has_files(const command_outline& command) {
  for (const auto& option : command.options)
    if (option.names.empty() && option.takes_files())
      return true;
  return false;
}

void bash_verb(const command_outline& verb, std::ostream& out) {
  out << "  " << verb.name << ")\n    case $before in\n";
  bash_values(verb, out);
  out << "    esac\n    if [[ $word == -* ]]; then\n      COMPREPLY=($(compgen -W "
      << quoted(names_in(verb)) << " -- \"$word\"))\n";
  if (const auto words = choices_by_place(verb); !words.empty())
    out << "    else\n      COMPREPLY=($(compgen -W " << quoted(words) << " -- \"$word\"))\n";
  out << "    fi\n";
  if (!has_files(verb))
    out << "    compopt +o default +o bashdefault\n";
  out << "    ;;\n";
}

void bash(const command_outline& program, std::ostream& out) {
  out << "# bash completion for actors; written by: actors completions bash\n"
         "_actors() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb= i\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    [[ ${COMP_WORDS[i]} == -- ]] && return # what follows is a command of its own\n"
         "    [[ -z $verb && ${COMP_WORDS[i]} != -* ]] && verb=${COMP_WORDS[i]}\n"
         "  done\n"
         "  case $verb in\n"
         "  '')\n    COMPREPLY=($(compgen -W "
      << quoted(names_in(program))
      << " -- \"$word\"))\n    compopt +o default +o bashdefault\n    ;;\n";
  for (const auto& verb : program.verbs)
    bash_verb(verb, out);
  out << "  esac\n}\ncomplete -o bashdefault -o default -F _actors actors\n";
}

// -- zsh
// ---------------------------------------------------------------------------------------------

/// Within a specification of _arguments: no bracket or colon may end the part.
std::string zsh_text(std::string_view text) {
  auto out = std::string{};
  for (const auto c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const option_outline& option) {
  if (!option.choices.empty())
    return "(" + joined(option.choices, " ") + ")";
  return option.takes_files() ? "_files" : " ";
}

void zsh_options(const command_outline& command, std::ostream& out) {
  for (const auto& option : command.options) {
    const auto value =
      option.takes.empty() ? "" : ":" + zsh_text(option.takes) + ":" + zsh_action(option);
    if (option.names.empty()) {
      out << " \\\n    " << quoted((option.is_repeatable ? "*" : "") + value);
      continue;
    }
    for (const auto& name : option.names)
      out << " \\\n    "
          << quoted((option.is_repeatable ? "*" : "(" + joined(option.names, " ") + ")") + name
                    + "[" + zsh_text(option.help) + "]" + value);
  }
}

void zsh(const command_outline& program, std::ostream& out) {
  out << "#compdef actors\n# written by: actors completions zsh\n\n";
  for (const auto& verb : program.verbs) {
    out << "_actors_" << verb.name << "() {\n  _arguments -s -S";
    zsh_options(verb, out);
    out << "\n}\n\n";
  }
  out << "_actors() {\n  local -a verbs=(";
  for (const auto& verb : program.verbs)
    out << "\n    " << quoted(verb.name + ":" + zsh_text(verb.help));
  out << ")\n  local curcontext=$curcontext state line\n  _arguments -C";
  zsh_options(program, out);
  out
    << " \\\n    '1: :->verb' '*:: :->rest'\n"
       "  case $state in\n"
       "    verb) _describe verb verbs ;;\n"
       "    rest) (( $+functions[_actors_$line[1]] )) && _actors_$line[1] ;;\n"
       "  esac\n}\n\n"
       "if [[ $funcstack[1] == _actors ]]; then _actors \"$@\"; else compdef _actors actors; fi\n";
}

// -- fish
// --------------------------------------------------------------------------------------------

void fish_options(const command_outline& command, std::string_view condition, std::ostream& out) {
  for (const auto& option : command.options) {
    out << "complete -c actors -n " << quoted(condition);
    for (const auto& name : option.names)
      out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
    if (!option.choices.empty())
      out << (option.names.empty() ? " -f" : " -x") << " -a "
          << quoted(joined(option.choices, " "));
    else if (option.takes_files())
      out << (option.names.empty() ? " -F" : " -r -F");
    else
      out << (option.takes.empty() || option.names.empty() ? " -f" : " -x");
    out << " -d " << quoted(option.help) << '\n';
  }
}

void fish(const command_outline& program, std::ostream& out) {
  out << "# fish completion for actors; written by: actors completions fish\n"
         "complete -c actors -f\n";
  fish_options(program, "__fish_use_subcommand", out);
  for (const auto& verb : program.verbs)
    out << "complete -c actors -n __fish_use_subcommand -a " << verb.name << " -d "
        << quoted(verb.help) << '\n';
  for (const auto& verb : program.verbs)
    fish_options(verb, "__fish_seen_subcommand_from " + verb.name, out);
}

} // namespace

int completions(const CLI::App& program, const std::string& shell, std::ostream& out) {
  const auto outline = outline_of(program);
  if (shell == "bash")
    bash(outline, out);
  else if (shell == "zsh")
    zsh(outline, out);
  else
    fish(outline, out);
  return out.flush() ? stopped_as_asked : run_time_error;
}

} // namespace actors::program

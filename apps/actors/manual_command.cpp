#include "manual_command.hpp"

#include "actors/node/node.hpp"

#include <ostream>
#include <string>
#include <string_view>

#include "exit_code.hpp"
#include "program_outline.hpp"

namespace actors::program {

namespace {

/// So that nothing in the text is taken for a request, and a dash stays one that can be copied.
std::string roff(std::string_view text) {
  auto out = std::string{};
  for (const auto c : text)
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string{"\\&"} + c;
    else
      out += c;
  return out;
}

std::string upper(std::string_view text) {
  auto out = std::string{};
  for (const auto c : text)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

void synopsis(const command_outline& verb, std::ostream& out) {
  out << ".B actors " << roff(verb.name) << '\n';
  for (const auto& option : verb.options)
    if (!option.names.empty()) {
      out << ".RI [ OPTION ]...\n";
      break;
    }
  for (const auto& option : verb.options)
    if (option.names.empty())
      out << (option.is_required ? ".I " : ".RI [ ") << roff(option.place)
          << (option.is_required ? "" : " ]") << (option.is_repeatable ? "...\n" : "\n");
  out << ".br\n";
}

void options(const command_outline& command, std::ostream& out) {
  for (const auto& option : command.options) {
    out << ".TP\n";
    if (option.names.empty())
      out << "\\fI" << roff(option.place) << "\\fR";
    for (const auto& name : option.names)
      out << (&name == &option.names.front() ? "" : ", ") << "\\fB" << roff(name) << "\\fR";
    if (!option.names.empty() && !option.takes.empty())
      out << " \\fI" << roff(option.takes) << "\\fR";
    out << '\n' << roff(option.help) << ".\n";
  }
}

/// What no option tells.
constexpr auto epilogue = R"(.SH EXIT STATUS
.TP
.B 0
Stopped as asked: by a signal, \-\-once, or \-t after something was reported; the reader of standard output is gone.
.TP
.B 1
An error at run time, or a part that had to be left behind at the stop.
.TP
.B 2
\-t, and nothing was reported.
.TP
.B 3
\-\-exit\-on\-lost, and a watched directory is gone.
.TP
.B 64
The command line is wrong.
.TP
.B 66
A path does not exist.
.TP
.B 70
A pipeline failed for good: its parts were restarted as often as allowed.
.TP
.B 77
Not permitted.
.TP
.B 78
The configuration is wrong.
.SH ENVIRONMENT
.TP
.BR RUNTIME_DIRECTORY ", " XDG_RUNTIME_DIR
Where the admin sockets are; the first is set by systemd.
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC ", " JOURNAL_STREAM
Set by systemd: it is told when the program is ready, and that it lives; the log carries priorities. See
.BR sd_notify (3).
.SH FILES
.TP
.IR /run/actors/ PID .sock
The admin socket of a process, mode 0600; of a user, in $XDG_RUNTIME_DIR/actors.
.SH SEE ALSO
.BR inotify (7),
.BR fanotify (7),
.BR gitignore (5),
.BR systemd.service (5)
)";

} // namespace

int manual(const CLI::App& program, std::ostream& out) {
  const auto outline = outline_of(program);
  const auto about = outline.help.substr(outline.help.find(' ') + 1); // behind "actors: "
  out << ".\\\" written by: actors manual\n.TH ACTORS 1 \"\" \"actors " << version()
      << "\" \"User Commands\"\n.SH NAME\nactors \\- " << roff(about) << "\n.SH SYNOPSIS\n";
  for (const auto& verb : outline.verbs)
    synopsis(verb, out);
  out << ".SH DESCRIPTION\n"
         "Data goes to standard output and nothing else does; the log goes to standard error, a "
         "line\n"
         "for each thing that happened, each with a stable\n.BR event = id .\n"
         ".SH OPTIONS\n";
  options(outline, out);
  for (const auto& verb : outline.verbs) {
    out << ".SH " << roff(upper(verb.name)) << '\n' << roff(verb.help) << ".\n";
    options(verb, out);
  }
  out << epilogue;
  return out.flush() ? stopped_as_asked : run_time_error;
}

} // namespace actors::program

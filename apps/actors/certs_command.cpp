#include "certs_command.hpp"

#include "actors/os/new_file.hpp"
#include "actors/os/owned_file.hpp"
#include "actors/os/private_ca.hpp"

#include <algorithm>
#include <utility>

#include "exit_code.hpp"
#include "program_end.hpp"
#include "standard_output.hpp"
#include <CLI/CLI.hpp>

namespace actors::program {

namespace {

/// A certificate and its key, beside each other.
struct file_pair {
  std::string certificate;
  std::string key;

  static file_pair of(const std::string& directory, const std::string& name) {
    return {directory + "/" + name + ".pem", directory + "/" + name + ".key"};
  }
};

/// What the authority's files are called, which no node can be.
constexpr auto authority_name = "ca";

/// Each as certificates have it. All mistakes at once.
result<std::vector<std::string>> names_in(const std::vector<std::string>& words) {
  auto names = std::vector<std::string>{};
  auto mistakes = std::string{};
  for (const auto& word : words) {
    const auto add = [&](const std::string& text) {
      mistakes += (mistakes.empty() ? "" : "\n") + text;
    };
    const auto name = certificate_name(word);
    if (!name)
      add(name.error().text);
    else if (*name == authority_name)
      add("\"ca\": is the name of the authority's own files; name the node otherwise");
    else if (std::find(names.begin(), names.end(), *name) != names.end())
      add("\"" + word + "\": is named twice");
    else
      names.push_back(*name);
  }
  if (!mistakes.empty())
    return failure(errc::invalid_argument, mistakes);
  return names;
}

/// Nothing is written when something is in the way.
result<void> check_free(const std::string& directory, const std::vector<std::string>& names) {
  auto mistakes = std::string{};
  for (const auto& name : names) {
    const auto files = file_pair::of(directory, name);
    const auto& found = has_file(files.certificate) ? files.certificate : files.key;
    if (has_file(found))
      mistakes += (mistakes.empty() ? "" : "\n") + found + ": is there already; if " + name
                  + " is to have a new one, remove " + files.certificate + " and " + files.key;
  }
  if (!mistakes.empty())
    return failure(errc::unavailable, mistakes);
  return {};
}

/// The key first: a certificate never lies there without it.
result<void> write_pair(const file_pair& files, const pem_pair& content) {
  if (auto done = write_new_file(files.key, content.key, readers::owner); !done)
    return done;
  auto done = write_new_file(files.certificate, content.certificate, readers::all);
  if (!done)
    remove_file(files.key);
  return done;
}

std::string line_of(const file_pair& files, const std::string& what, const std::string& expires) {
  return files.certificate + ", " + files.key + ": " + what + ", until " + expires + '\n';
}

/// The one that is there.
result<private_ca> authority_at(const file_pair& files) {
  for (const auto& [missing, other] :
    {std::pair{files.certificate, files.key}, {files.key, files.certificate}})
    if (!has_file(missing))
      return failure(errc::invalid_argument,
        missing + ": is missing, beside " + other + "; bring it back, or name another directory");
  return private_ca::load(files.certificate, files.key);
}

result<private_ca> new_authority(const file_pair& files, std::string& made) {
  auto authority = private_ca::make();
  if (!authority)
    return authority;
  const auto content = authority->pem();
  if (!content)
    return tl::unexpected{content.error()};
  if (const auto done = write_pair(files, *content); !done)
    return tl::unexpected{done.error()};
  made += line_of(files, "a new authority", content->expires);
  return authority;
}

result<void> certify(const private_ca& authority, const std::string& directory,
  const std::vector<std::string>& names, std::string& made) {
  for (const auto& name : names) {
    auto terms = certificate_terms{};
    terms.names = {name};
    const auto content = authority.issue(terms);
    if (!content)
      return tl::unexpected{content.error()};
    const auto files = file_pair::of(directory, name);
    if (auto done = write_pair(files, *content); !done)
      return done;
    made += line_of(files, "for " + name, content->expires);
  }
  return {};
}

/// As a shell takes it.
std::string quoted(const std::string& word) {
  constexpr auto harmless =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=";
  if (word.find_first_not_of(harmless) == std::string::npos)
    return word;
  auto text = std::string{"'"};
  for (const auto c : word)
    text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

std::string tls_options_of(const std::string& directory, const std::string& name) {
  const auto files = file_pair::of(directory, name);
  return " \\\n    --tls-ca " + quoted(file_pair::of(directory, authority_name).certificate)
         + " --tls-cert " + quoted(files.certificate) + " --tls-key " + quoted(files.key);
}

/// A port that is ours by habit alone, as in the documentation.
constexpr auto port = ":9471";

bool is_address(const std::string& name) {
  return name.find_first_not_of("0123456789.") == std::string::npos
         || name.find(':') != std::string::npos;
}

/// The first collects, the others watch.
std::string first_try(const std::string& directory, const std::vector<std::string>& names) {
  const auto& collector = names.front();
  const auto host = collector.find(':') != std::string::npos ? "[" + collector + "]" : collector;
  auto text = "\nTo try them, " + collector + " collects:\n  actors collect --listen "
              + (is_address(collector) ? host : "127.0.0.1") + port + " --store events.db"
              + tls_options_of(directory, collector);
  for (auto i = names.size() == 1 ? names.begin() : names.begin() + 1; i != names.end(); ++i)
    text += " --allow " + *i;
  // Where both run in one directory, each record in the store would make the next.
  text += "\nand " + names.back()
          + " sends what it sees:\n  actors watch . --exclude 'events.db*' --to " + host + port
          + tls_options_of(directory, names.back()) + '\n';
  if (!is_address(collector))
    text +=
      "where " + collector + " must lead to the machine that collects (DNS, or /etc/hosts).\n";
  return text;
}

/// To a collector that is there already.
std::string one_more(const std::string& directory, const std::vector<std::string>& names) {
  auto allowed = std::string{};
  for (const auto& name : names)
    allowed += " --allow " + name;
  return "\nThe collector lets them in with" + allowed + ", and " + names.back()
         + " sends what it sees:\n  actors watch . --to HOST:PORT"
         + tls_options_of(directory, names.back()) + '\n';
}

/// Returns the exit code: what is wrong with a file is nothing wrong with the command line.
int complain_of_file(const error& problem) {
  complain(problem.text);
  return problem.code == errc::invalid_argument ? run_time_error : exit_code_of(problem.code);
}

} // namespace

void add_certs(CLI::App& program, certs_request& request) {
  auto& verb = *program.add_subcommand(
    "certs", "Make a private authority and certificates for nodes, for a first try of TLS");
  verb
    .add_option("DIR", request.directory,
      "Where the files go; an authority that is there signs the new nodes too")
    ->required()
    ->check([](const std::string& path) {
      return std::string{path.empty() ? "an empty path names nothing (an unset variable?)" : ""};
    });
  verb
    .add_option("NAME", request.names, "The nodes, the collector first: DNS names or IP addresses")
    ->required();
}

int certs(const certs_request& request) {
  auto directory = request.directory;
  while (directory.size() > 1 && directory.back() == '/')
    directory.pop_back();
  const auto names = names_in(request.names);
  if (!names) {
    complain_of_file(names.error());
    return usage;
  }
  if (const auto done = make_private_directory(directory); !done)
    return complain_of_file(done.error());
  if (const auto done = check_free(directory, *names); !done)
    return complain_of_file(done.error());

  const auto files = file_pair::of(directory, authority_name);
  const auto is_new = !has_file(files.certificate) && !has_file(files.key);
  auto made = std::string{};
  const auto authority = is_new ? new_authority(files, made) : authority_at(files);
  if (!authority)
    return complain_of_file(authority.error());
  const auto done = certify(*authority, directory, *names, made);
  if (done && is_new)
    made += "Keep " + files.key + " safe: whoever has it can be any node.\n";
  if (done)
    made += is_new ? first_try(directory, *names) : one_more(directory, *names);
  const auto is_told = print(made);
  if (!done)
    return complain_of_file(done.error());
  return is_told ? stopped_as_asked : run_time_error;
}

} // namespace actors::program

#include "option_kinds.hpp"

#include "actors/core/duration_text.hpp"
#include "actors/core/ignore_pattern.hpp"
#include "actors/core/ignore_rules.hpp"

namespace actors::program {

CLI::Option* add_duration(CLI::App& command, const std::string& name, const std::string& help,
  std::function<void(std::chrono::milliseconds)> use) {
  return command
    .add_option_function<std::string>(
      name,
      [name, use](const std::string& text) {
        const auto span = parse_duration(text);
        if (!span)
          throw CLI::ValidationError{
            name, "\"" + text + "\" is not a duration; write 250ms, 2s, 1m or 1h"};
        use(*span);
      },
      help)
    ->type_name("DUR");
}

void add_patterns(CLI::App& command, const std::string& name, const std::string& help,
  std::vector<std::string>& patterns) {
  command.add_option(name, patterns, help)
    ->allow_extra_args(false)
    ->check([](const std::string& text) {
      auto rules = ignore_rules{};
      rules.add(text);
      if (rules.left_out() != 0)
        return std::string{"the pattern is too long"};
      const auto pattern = ignore_pattern::parse(text);
      return pattern && !pattern->is_malformed()
               ? std::string{}
               : "\"" + text + "\" can match nothing (see gitignore(5))";
    })
    ->type_name("GLOB");
}

void add_logging(CLI::App& command, log_level& level_min, log_format& format) {
  command.add_flag_callback(
    "-q,--quiet", [&] { level_min = log_level::error; }, "Log errors only");
  command.add_flag_callback(
    "-v,--verbose", [&] { level_min = log_level::debug; }, "Log everything");
  add_choice<log_format>(command, "--log-format", "text (default) or json, on standard error",
    {{"text", log_format::text}, {"json", log_format::json}}, format);
}

void add_doors(CLI::App& command, std::string& admin, http_door_options& http) {
  command.add_option("--admin", admin, "Socket for actors status (unix:/path)")->type_name("ADDR");
  command
    .add_option(
      "--http", http.listen, "Dashboard, metrics and health on a port, as in 127.0.0.1:9470")
    ->type_name("HOST:PORT");
  command.add_option("--http-token", http.token_file, "Only for who bears this token")
    ->type_name("FILE");
  command.add_option("--http-cert", http.certificate_file, "TLS, with this certificate (PEM)")
    ->type_name("FILE");
  command.add_option("--http-key", http.key_file, "And this key")->type_name("FILE");
}

} // namespace actors::program

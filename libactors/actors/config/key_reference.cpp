#include "actors/config/key_reference.hpp"

#include "actors/config/option_keys.hpp"

#include <sstream>
#include <utility>
#include <vector>

namespace actors {

namespace {

std::string words_in(const std::vector<std::string_view>& words) {
  auto text = std::string{};
  for (const auto word : words)
    text.append(text.empty() ? "`" : ", `").append(word).append("`");
  return text;
}

std::string number_text(double value) {
  auto out = std::ostringstream{};
  out << value;
  return out.str();
}

/// Writes a table; those of the objects inside follow it.
class table_writer final : public key_visitor {
public:
  explicit table_writer(std::string path, std::string about) : path_{std::move(path)} {
    out_ = "\n### " + (path_.empty() ? "the file" : "`" + path_ + "`") + "\n\n" + about
           + "\n\n| key | value | default | what it does, and why so |\n|---|---|---|---|\n";
  }

  std::string take() { return out_ + below_; }

  void flag(std::string_view key, bool& value, std::string_view about) override {
    row(key, "true, false", value ? "true" : "false", about);
  }
  void real(
    std::string_view key, double& value, double min, double max, std::string_view about) override {
    row(key, number_text(min) + " to " + number_text(max), number_text(value), about);
  }
  void text(std::string_view key, std::string& value, value_rule rule, std::string_view about,
    presence how) override {
    row(key, std::string{description_of(rule)},
      how == presence::required ? "must be given"
      : value.empty()           ? "none"
                                : "`" + value + "`",
      about);
  }
  void texts(std::string_view key, std::vector<std::string>&, value_rule rule,
    std::string_view about, presence how) override {
    row(key, "a list, each " + std::string{description_of(rule)},
      how == presence::required ? "must be given" : "none", about);
  }
  void object(
    std::string_view key, std::string_view about, const keys_inside& keys, presence how) override {
    row(key, "an object, see below", how == presence::optional ? "none" : "", about);
    go_into(key, about, keys);
  }
  void text_or_object(std::string_view key, std::string&, value_rule rule, std::string_view about,
    const keys_inside& keys) override {
    row(key, std::string{description_of(rule)} + "; or an object, see below", "none", about);
    go_into(key, about, keys);
  }
  void objects(std::string_view key, std::size_t items_max, std::string_view about,
    const keys_of_item& keys, presence how) override {
    row(key, "a list of 1 to " + std::to_string(items_max) + " objects, see below",
      how == presence::required ? "must be given" : "none", about);
    auto inside = table_writer{path_of(key) + "[]", std::string{about}};
    keys(inside, 0);
    below_ += inside.take();
  }
  void shapes(std::string_view key, const std::vector<std::string_view>& words,
    std::string_view about, const keys_of_item& keys) override {
    row(key, words_in(words), "must be given", about);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto which =
        std::string{"\""} + std::string{key} + "\": \"" + std::string{words[i]} + '"';
      auto inside = table_writer{path_ + " with " + which, "Besides the keys of every sink:"};
      keys(inside, i);
      below_ += inside.take();
    }
  }
  void refused(std::string_view, std::string_view) override {}
  bool has(std::string_view) const override { return true; }

private:
  void number_of(std::string_view key, std::int64_t& value, const range& within,
    std::string_view about) override {
    const auto unit = (within.unit.empty() ? "" : " ") + std::string{within.unit};
    row(key, std::to_string(within.min) + " to " + std::to_string(within.max) + unit,
      within.has_no_default ? "no limit" : std::to_string(value), about);
  }
  void word(std::string_view key, std::size_t& chosen, const std::vector<std::string_view>& words,
    std::string_view about) override {
    row(key, words_in(words), "`" + std::string{words[chosen]} + "`", about);
  }

  void go_into(std::string_view key, std::string_view about, const keys_inside& keys) {
    auto inside = table_writer{path_of(key), std::string{about}};
    keys(inside);
    below_ += inside.take();
  }
  void row(std::string_view key, const std::string& value, const std::string& standard,
    std::string_view about) {
    out_ += "| `" + std::string{key} + "` | " + value + " | " + standard + " | "
            + std::string{about} + " |\n";
  }
  std::string path_of(std::string_view key) const {
    return path_ + (path_.empty() ? "" : ".") + std::string{key};
  }

  std::string path_;
  std::string out_;
  std::string below_;
};

} // namespace

std::string config_reference() {
  auto writer = table_writer{"", "One object."};
  auto config = node_config{};
  describe(writer, config);
  return writer.take();
}

} // namespace actors

#include "actors/config/json_tree.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <map>

namespace actors {

namespace {

using nlohmann::json;

/// Where the lexer is in the text.
struct reading_place {
  std::size_t line = 1;
  char last = '\0';
};

/// Gives the characters and counts the lines: the SAX interface does not say where it is.
class counting_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counting_iterator(const char* at, reading_place* place) : at_{at}, place_{place} {}

  const char& operator*() const { return *at_; }
  counting_iterator& operator++() {
    place_->last = *at_++;
    if (place_->last == '\n')
      ++place_->line;
    return *this;
  }
  counting_iterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const counting_iterator& other) const { return at_ == other.at_; }
  bool operator!=(const counting_iterator& other) const { return at_ != other.at_; }

private:
  const char* at_;
  reading_place* place_;
};

/// Builds the tree. The parser calls it when it has read a token and nothing behind it; but a
/// number ends only with the character after it.
class tree_builder final : public nlohmann::json_sax<json> {
public:
  tree_builder(const reading_place& place, mistake_list& mistakes, json_limits limits)
    : place_{place}, mistakes_{mistakes}, limits_{limits} {}

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({.is = json_node::kind::flag, .flag = value}); }
  bool number_integer(number_integer_t value) override { return add_whole(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return add_whole(static_cast<std::int64_t>(value));
    return number_float(static_cast<double>(value), {});
  }
  bool number_float(number_float_t value, const string_t&) override {
    return add({.is = json_node::kind::real, .line = number_line(), .real = value});
  }
  bool string(string_t& value) override {
    return add({.is = json_node::kind::text, .text = std::move(value)});
  }
  bool binary(binary_t&) override { return false; } // not in JSON text

  bool start_object(std::size_t) override { return open({.is = json_node::kind::object}); }
  bool start_array(std::size_t) override { return open({.is = json_node::kind::list}); }
  bool end_object() override {
    report_doubles();
    return close();
  }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    open_.back()->names.push_back({std::move(name), place_.line});
    mistakes_.place(path_of_next(), place_.line);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const json::exception& problem) override {
    auto text = std::string_view{problem.what()};
    // "[json.exception.parse_error.101] parse error at line 3, column 5: what is wrong"
    if (const auto colon = text.find(": "); colon != std::string_view::npos)
      text.remove_prefix(colon + 2);
    const auto is_at_line_end = place_.last == '\n' && place_.line > 1;
    mistakes_.add(place_.line - (is_at_line_end ? 1 : 0), "", shown(text, 300));
    return false;
  }

  json_node take() { return std::move(root_); }

private:
  std::size_t number_line() const { return place_.line - (place_.last == '\n' ? 1 : 0); }

  bool add_whole(std::int64_t value) {
    return add({.is = json_node::kind::whole,
      .line = number_line(),
      .whole = value,
      .real = static_cast<double>(value)});
  }

  std::string path_of_next() const {
    if (open_.empty())
      return {};
    const auto& parent = *open_.back();
    if (paths_.back().size() > path_bytes_max)
      return paths_.back(); // no key of ours; hostile ones would fill the memory
    if (parent.is == json_node::kind::list)
      return paths_.back() + "[" + std::to_string(parent.items.size()) + "]";
    return paths_.back() + (paths_.back().empty() ? "" : ".") + shown(parent.names.back().text);
  }

  bool add(json_node node) {
    if (++values_ > limits_.values_max) {
      mistakes_.add(place_.line, "",
        "the file holds more than " + std::to_string(limits_.values_max) + " values");
      return false;
    }
    if (node.line == 0)
      node.line = place_.line;
    if (open_.empty()) {
      root_ = std::move(node);
      return true;
    }
    if (open_.back()->is == json_node::kind::list)
      mistakes_.place(path_of_next(), node.line);
    open_.back()->items.push_back(std::move(node));
    return true;
  }

  bool open(json_node node) {
    if (open_.size() == limits_.depth_max) {
      mistakes_.add(place_.line, "",
        "objects and lists are nested more than " + std::to_string(limits_.depth_max) + " deep");
      return false;
    }
    auto path = path_of_next();
    if (!add(std::move(node)))
      return false;
    // Items of an open one are not moved: only the last of a vector is open.
    open_.push_back(open_.empty() ? &root_ : &open_.back()->items.back());
    paths_.push_back(std::move(path));
    return true;
  }

  bool close() {
    open_.pop_back();
    paths_.pop_back();
    return true;
  }

  void report_doubles() {
    auto seen = std::map<std::string_view, std::size_t>{};
    for (const auto& name : open_.back()->names)
      if (const auto [first, is_new] = seen.emplace(name.text, name.line); !is_new)
        mistakes_.add(name.line,
          paths_.back() + (paths_.back().empty() ? "" : ".") + shown(name.text),
          "the key stands twice; it is on line " + std::to_string(first->second) + " already");
  }

  static constexpr std::size_t path_bytes_max = 200; ///< ours have 60

  const reading_place& place_;
  mistake_list& mistakes_;
  const json_limits limits_;
  json_node root_;
  std::vector<json_node*> open_;
  std::vector<std::string> paths_; ///< of the open ones
  std::size_t values_ = 0;
};

} // namespace

const json_node* json_node::find(std::string_view key) const {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].text == key)
      return &items[i];
  return nullptr;
}

std::string_view name_of(json_node::kind kind) noexcept {
  switch (kind) {
    case json_node::kind::null: return "null";
    case json_node::kind::flag: return "true or false";
    case json_node::kind::whole:
    case json_node::kind::real: return "a number";
    case json_node::kind::text: return "a text";
    case json_node::kind::list: return "a list";
    case json_node::kind::object: return "an object";
  }
  return "something else";
}

std::optional<json_node> parse_json(
  std::string_view text, mistake_list& mistakes, json_limits limits) {
  if (text.size() > limits.bytes_max) {
    mistakes.add(1, "",
      "the file has " + std::to_string(text.size()) + " bytes; at most "
        + std::to_string(limits.bytes_max) + " are read");
    return std::nullopt;
  }
  auto place = reading_place{};
  auto builder = tree_builder{place, mistakes, limits};
  const auto first = counting_iterator{text.data(), &place};
  const auto last = counting_iterator{text.data() + text.size(), &place};
  if (!json::sax_parse(first, last, &builder, json::input_format_t::json, true, true))
    return std::nullopt;
  return builder.take();
}

} // namespace actors

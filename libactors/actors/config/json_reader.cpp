#include "actors/config/json_reader.hpp"

#include "actors/config/closest_word.hpp"

#include <algorithm>
#include <sstream>

namespace actors {

namespace {

using kind = json_node::kind;

std::string text_of(double value) {
  auto out = std::ostringstream{};
  out << value;
  return out.str();
}

/// A value as a message shows it; never much of it.
std::string value_shown(const json_node& node, value_rule rule = value_rule::any) {
  switch (node.is) {
    case kind::text: return shown(rule, node.text);
    case kind::whole: return std::to_string(node.whole);
    case kind::real: return text_of(node.real);
    case kind::flag: return node.flag ? "true" : "false";
    default: return std::string{name_of(node.is)};
  }
}

std::string list_of(const std::vector<std::string_view>& words) {
  auto text = std::string{};
  for (const auto word : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& words) {
  const auto closest = closest_word(written, words);
  return closest ? "; did you mean \"" + std::string{*closest} + "\"?" : "";
}

} // namespace

std::string json_reader::path_of(std::string_view key) const {
  return path_ + (path_.empty() ? "" : ".") + std::string{key};
}

void json_reader::complain(std::string_view key, std::string text) {
  mistakes_.add(path_of(key), std::move(text));
}

const json_node* json_reader::take(std::string_view key) {
  known_.push_back(key);
  return object_.find(key);
}

const json_node* json_reader::find(std::string_view key, kind wanted) {
  const auto* node = take(key);
  if (node == nullptr || node->is == wanted || (wanted == kind::real && node->is == kind::whole))
    return node;
  complain(key, "must be " + std::string{name_of(wanted)} + ", not " + value_shown(*node));
  return nullptr;
}

void json_reader::require(std::string_view key, presence how) {
  if (how == presence::required && !has(key))
    mistakes_.add(path_of(key), "is missing");
}

void json_reader::flag(std::string_view key, bool& value, std::string_view) {
  if (const auto* node = find(key, kind::flag))
    value = node->flag;
}

void json_reader::real(
  std::string_view key, double& value, double min, double max, std::string_view) {
  const auto* node = find(key, kind::real);
  if (node == nullptr)
    return;
  if (node->real >= min && node->real <= max)
    value = node->real;
  else
    complain(
      key, "must be from " + text_of(min) + " to " + text_of(max) + ", not " + value_shown(*node));
}

void json_reader::number_of(
  std::string_view key, std::int64_t& value, const range& within, std::string_view) {
  const auto* node = take(key);
  if (node == nullptr)
    return;
  if (node->is == kind::whole && node->whole >= within.min && node->whole <= within.max)
    value = node->whole;
  else
    complain(key, "must be a whole number from " + std::to_string(within.min) + " to "
                    + std::to_string(within.max) + ", not " + value_shown(*node));
}

void json_reader::word(std::string_view key, std::size_t& chosen,
  const std::vector<std::string_view>& words, std::string_view) {
  const auto* node = find(key, kind::text);
  if (node == nullptr)
    return;
  const auto at = std::find(words.begin(), words.end(), node->text);
  if (at != words.end())
    chosen = static_cast<std::size_t>(at - words.begin());
  else
    complain(key, "must be one of " + list_of(words) + ", not " + value_shown(*node)
                    + did_you_mean(node->text, words));
}

bool json_reader::check(const json_node& item, const std::string& where, value_rule rule) {
  if (item.is != kind::text) {
    mistakes_.add(where, "must be a text, not " + value_shown(item));
    return false;
  }
  if (auto wrong = mistake_in(rule, item.text); !wrong.empty()) {
    mistakes_.add(where, std::move(wrong));
    return false;
  }
  needs_.push_back({where, item.text, rule});
  return true;
}

void json_reader::text(
  std::string_view key, std::string& value, value_rule rule, std::string_view, presence how) {
  require(key, how);
  if (const auto* node = take(key); node != nullptr && check(*node, path_of(key), rule))
    value = node->text;
}

void json_reader::texts(std::string_view key, std::vector<std::string>& value, value_rule rule,
  std::string_view, presence how) {
  require(key, how);
  const auto* list = find(key, kind::list);
  if (list == nullptr)
    return;
  if (list->items.empty() && how == presence::required)
    complain(key, "must name one at least, not an empty list");
  value.clear();
  for (std::size_t i = 0; i < list->items.size(); ++i)
    if (const auto& item = list->items[i];
        check(item, path_of(key) + "[" + std::to_string(i) + "]", rule))
      value.push_back(item.text);
}

void json_reader::object(
  std::string_view key, std::string_view, const keys_inside& keys, presence how) {
  static const auto nothing = json_node{.is = kind::object, .text = {}, .items = {}, .names = {}};
  const auto* node = find(key, kind::object);
  if (node == nullptr && (has(key) || how == presence::optional))
    return; // it is something else, or nothing
  auto inside = json_reader{node != nullptr ? *node : nothing, path_of(key), mistakes_, needs_};
  keys(inside); // if only for what is missing
  inside.finish();
}

void json_reader::text_or_object(std::string_view key, std::string& value, value_rule rule,
  std::string_view about, const keys_inside& keys) {
  if (const auto* node = object_.find(key); node != nullptr && node->is == kind::text)
    text(key, value, rule, about, presence::optional);
  else
    object(key, about, keys, presence::optional);
}

void json_reader::objects(std::string_view key, std::size_t items_max, std::string_view,
  const keys_of_item& keys, presence how) {
  require(key, how);
  const auto* list = find(key, kind::list);
  if (list == nullptr)
    return;
  if (list->items.empty() || list->items.size() > items_max)
    complain(key, "must hold 1 to " + std::to_string(items_max) + " objects, not "
                    + std::to_string(list->items.size()));
  for (std::size_t i = 0; i < std::min(list->items.size(), items_max); ++i) {
    const auto& item = list->items[i];
    const auto where = path_of(key) + "[" + std::to_string(i) + "]";
    if (item.is != kind::object) {
      mistakes_.add(where, "must be an object, not " + value_shown(item));
      continue;
    }
    auto inside = json_reader{item, where, mistakes_, needs_};
    keys(inside, i);
    inside.finish();
  }
}

void json_reader::shapes(std::string_view key, const std::vector<std::string_view>& words,
  std::string_view about, const keys_of_item& keys) {
  require(key, presence::required);
  auto chosen = words.size();
  word(key, chosen, words, about);
  shape_is_known_ = chosen < words.size();
  if (shape_is_known_)
    keys(*this, chosen);
}

void json_reader::refused(std::string_view key, std::string_view why) {
  if (take(key) != nullptr)
    complain(key, std::string{why});
}

void json_reader::finish() {
  if (!shape_is_known_)
    return; // nor is it known which keys it may have
  for (const auto& name : object_.names)
    if (std::find(known_.begin(), known_.end(), name.text) == known_.end())
      mistakes_.add(name.line, path_of(shown(name.text)),
        "there is no such key" + did_you_mean(name.text, known_));
}

} // namespace actors

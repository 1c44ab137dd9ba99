#pragma once

#include "actors/config/value_rule.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A word of a configuration, and what it stands for.
template <class T>
struct named_value {
  std::string_view word;
  T value;
};

/// Goes over the keys of an options struct: each option is described once (`option_keys.hpp`), with
/// its default (what the struct holds), its range and its reason, and from that description it is
/// read, checked, and documented.
class key_visitor {
public:
  using seconds = std::chrono::seconds;
  using milliseconds = std::chrono::milliseconds;
  using keys_inside = std::function<void(key_visitor& inside)>;
  using keys_of_item = std::function<void(key_visitor& inside, std::size_t index)>;

  virtual ~key_visitor() = default;

  virtual void flag(std::string_view key, bool& value, std::string_view about) = 0;
  virtual void real(
    std::string_view key, double& value, double min, double max, std::string_view about) = 0;

  /// Empty: it was not given, which is right unless `presence` says otherwise.
  enum class presence : std::uint8_t { optional, required };
  virtual void text(std::string_view key, std::string& value, value_rule rule,
    std::string_view about, presence = presence::optional) = 0;
  virtual void texts(std::string_view key, std::vector<std::string>& value, value_rule rule,
    std::string_view about, presence = presence::optional) = 0;

  /// Keys below a key. An `optional` object that is not there misses none of its keys.
  virtual void object(std::string_view key, std::string_view about, const keys_inside& keys,
    presence = presence::required) = 0;

  /// The same, or a text that says as much: then the object is not gone into.
  virtual void text_or_object(std::string_view key, std::string& value, value_rule rule,
    std::string_view about, const keys_inside& keys) = 0;

  /// A list of objects, with one at least.
  virtual void objects(std::string_view key, std::size_t items_max, std::string_view about,
    const keys_of_item& keys, presence = presence::required) = 0;

  /// A key that says which of several shapes the object has; then come the keys of that shape.
  virtual void shapes(std::string_view key, const std::vector<std::string_view>& words,
    std::string_view about, const keys_of_item& keys) = 0;

  /// A key that has no meaning here: refused, with that text.
  virtual void refused(std::string_view key, std::string_view why) = 0;

  /// Whether the file says something of the key.
  virtual bool has(std::string_view key) const = 0;

  template <class T>
  void number(std::string_view key, T& value, std::int64_t min, std::int64_t max,
    std::string_view about, std::string_view unit = "") {
    auto whole = static_cast<std::int64_t>(value);
    number_of(key, whole, {min, max, unit, no_default(value)}, about);
    if (whole >= min && whole <= max)
      value = static_cast<T>(whole);
  }

  void millis(std::string_view key, milliseconds& value, milliseconds min, milliseconds max,
    std::string_view about) {
    auto count = value.count();
    number(key, count, min.count(), max.count(), about, "ms");
    value = milliseconds{count};
  }

  void whole_seconds(
    std::string_view key, seconds& value, seconds min, seconds max, std::string_view about) {
    auto count = value.count();
    number(key, count, min.count(), max.count(), about, "s");
    value = seconds{count};
  }

  void mebibytes(std::string_view key, std::uint64_t& bytes, std::int64_t min, std::int64_t max,
    std::string_view about) {
    auto count = bytes / mebibyte;
    number(key, count, min, max, about, "MiB");
    bytes = count * mebibyte;
  }

  template <class T, std::size_t N>
  void choice(
    std::string_view key, T& value, const named_value<T> (&choices)[N], std::string_view about) {
    auto words = std::vector<std::string_view>{};
    auto chosen = std::size_t{0};
    for (std::size_t i = 0; i < N; ++i) {
      words.push_back(choices[i].word);
      if (choices[i].value == value)
        chosen = i;
    }
    word(key, chosen, words, about);
    value = choices[chosen].value;
  }

protected:
  struct range {
    std::int64_t min;
    std::int64_t max;
    std::string_view unit;
    bool has_no_default;
  };

  virtual void number_of(
    std::string_view key, std::int64_t& value, const range& within, std::string_view about) = 0;
  virtual void word(std::string_view key, std::size_t& chosen,
    const std::vector<std::string_view>& words, std::string_view about) = 0;

private:
  static constexpr std::uint64_t mebibyte = 1024 * 1024;

  /// A bound that is none until it is given.
  template <class T>
  static bool no_default(T value) {
    return value == std::numeric_limits<T>::max();
  }
};

} // namespace actors

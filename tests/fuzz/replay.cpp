// Gives a fuzz target the inputs of its corpus, and seeded mutations of them: a short fuzz that
// needs no libFuzzer, the same every time.
//
//   fuzz_corpus_TARGET MUTATIONS DIRECTORY|FILE...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size);

namespace {

using inputs = std::vector<std::string>;

/// As libFuzzer's -max_len, which is this when a corpus has smaller files only.
constexpr std::size_t input_bytes_max = 4096;

inputs read_inputs(const std::vector<std::string>& paths) {
  auto files = std::vector<std::filesystem::path>{};
  for (const auto& path : paths)
    if (std::filesystem::is_directory(path))
      std::ranges::copy(std::filesystem::directory_iterator{path}, std::back_inserter(files));
    else
      files.emplace_back(path);
  std::ranges::sort(files); // a listing has no order, and mutations must be the same every time
  auto found = inputs{};
  for (const auto& file : files) {
    auto stream = std::ifstream{file, std::ios::binary};
    found.emplace_back(std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{});
  }
  return found;
}

/// In a block of exactly that size, so that the address sanitizer sees every byte too far.
void give(const std::string& input) {
  const auto block = std::make_unique<unsigned char[]>(std::max<std::size_t>(input.size(), 1));
  std::copy(input.begin(), input.end(), block.get());
  LLVMFuzzerTestOneInput(block.get(), input.size());
}

void mutate_once(std::string& input, const inputs& corpus, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  const auto at = below(input.size());
  const auto length = below(std::min<std::size_t>(input.size() - at, 40) + 1);
  switch (random() % 6) {
    case 0: // a byte, often one that is an extreme length
      if (!input.empty())
        input[at] = static_cast<char>(random() % 2 == 0 ? random() : random() % 3 - 1);
      break;
    case 1: // a bit
      if (!input.empty())
        input[at] = static_cast<char>(input[at] ^ (1 << random() % 8));
      break;
    case 2: input.erase(at, length); break;
    case 3: input.insert(below(input.size() + 1), input.substr(at, length)); break;
    case 4: input.resize(at); break;
    default: { // the head of this one, the tail of another
      const auto& other = corpus[random() % corpus.size()];
      input.resize(at);
      input += other.substr(below(other.size()));
    }
  }
  input.resize(std::min(input.size(), input_bytes_max));
}

} // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fprintf(stderr, "usage: %s MUTATIONS DIRECTORY|FILE...\n", words[0]);
    return 64;
  }
  const auto corpus = read_inputs({words + 2, words + count});
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no input found\n", words[0]);
    return 66;
  }
  std::ranges::for_each(corpus, give);
  auto random = std::mt19937{19};
  const auto mutations = std::strtoul(words[1], nullptr, 10);
  for (auto i = 0UL; i < mutations; ++i) {
    auto input = corpus[random() % corpus.size()];
    for (auto changes = 1 + random() % 5; changes > 0; --changes)
      mutate_once(input, corpus, random);
    give(input);
  }
  std::printf("%zu inputs and %lu mutations\n", corpus.size(), mutations);
  return 0;
}

// Runs a fuzz target without libFuzzer, as an ordinary test: with the files named by the arguments,
// with all their prefixes, and with each byte of the smaller ones flipped. Under a sanitizer, with
// one in eleven of the prefixes and bytes.

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "acct/testing/sanitized.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// Defined by the address sanitizer, which ends the process without a signal.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using cpuagg::acct::testing::LessIfSanitized;

constexpr size_t kFlippedBelow = 1024;
constexpr size_t kStep = LessIfSanitized<size_t>(1, 11);

// The current input, to report it on a failure.
struct Running {
  const char* path = "";
  const char* change = "";
  size_t at = 0;
};
Running running;

void TellWhatIsRunning() {
  std::fprintf(stderr, "while running %s%s %zu\n", running.path, running.change, running.at);
}

void OnAbort(int) { TellWhatIsRunning(); }

void Run(const std::vector<uint8_t>& input, size_t size) {
  // In a buffer of exact length, so that reading beyond its end is detected.
  const std::vector<uint8_t> exact(input.begin(), input.begin() + static_cast<ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void RunAllOf(std::vector<uint8_t> input) {
  running.change = " up to";
  for (size_t less = 0; less <= input.size(); less += kStep) {
    running.at = input.size() - less;
    Run(input, running.at);
  }
  if (input.size() >= kFlippedBelow) return;
  constexpr std::array kFlips = {uint8_t{0xff}, uint8_t{0x01}, uint8_t{0x80}};
  for (size_t i = 0; i < kFlips.size(); ++i) {
    const uint8_t flip = kFlips[i];
    running.change = flip == 0xff   ? " with all bits flipped of byte"
                     : flip == 0x01 ? " with the first bit flipped of byte"
                                    : " with the last bit flipped of byte";
    // Under a sanitizer, each byte is flipped in one of the ways.
    constexpr size_t kStepOfOneWay = LessIfSanitized<size_t>(1, kStep * kFlips.size());
    for (size_t at = i * kStep % kStepOfOneWay; at < input.size(); at += kStepOfOneWay) {
      running.at = at;
      input[at] ^= flip;
      Run(input, input.size());
      input[at] ^= flip;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, OnAbort);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(TellWhatIsRunning);
  for (int i = 1; i < argc; ++i) {
    running.path = argv[i];
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    RunAllOf(std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {}));
  }
  if (argc < 2) {
    std::fprintf(stderr, "no file to replay\n");
    return 1;
  }
  std::fprintf(stderr, "replayed %d files\n", argc - 1);
  return 0;
}

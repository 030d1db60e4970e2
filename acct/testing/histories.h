// Simulations: histories at random, each a list of steps that is made from a seed and then played.
//
//   PlayHistories<Step>(1500, MakeSteps, [](uint64_t seed, const std::vector<Step>& steps,
//                                           const Failures& failures) {
//     World world(seed);
//     for (const Step& step : steps) {
//       world.Do(step);
//       if (failures.any()) return;
//     }
//   });
//
// The assertions in a history are GoogleTest's. If one fails, the history is shrunk (shrink.h), and
// the test fails once: with the seed, the command that plays it again, the shortest history that
// fails at the same assertion, and what that says. A step has an operator<<, which writes a line.
//
// The environment chooses the histories: SEED=1737 HISTORIES=1 (bazel test --test_env=...), and
// REPLAYS how often one may be played to shrink it.

#ifndef CPUAGG_ACCT_TESTING_HISTORIES_H_
#define CPUAGG_ACCT_TESTING_HISTORIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "acct/testing/shrink.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace cpuagg::acct::testing {

// While it exists, assertions of this thread that fail do not fail the test.
class Failures {
 public:
  Failures() : reporter_(Reporter::INTERCEPT_ONLY_CURRENT_THREAD, &results_) {}

  bool any() const { return results_.size() > 0; }
  // "FILE:LINE" of the first; empty if there is none.
  std::string Place() const;
  // The place of the first and what it says.
  std::string First() const;

 private:
  using Reporter = ::testing::ScopedFakeTestPartResultReporter;

  ::testing::TestPartResultArray results_;
  Reporter reporter_;
};

// Random numbers that belong to one step: without other steps they remain the same. Quick to make.
class Draws {
 public:
  explicit Draws(uint64_t seed, uint64_t of = 0) : state_(seed + of * 0xd1342543de82ef95) {}

  // SplitMix64.
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(Next() % limit); }

 private:
  uint64_t state_;
};

// The steps of a history that is a file: some of its bytes, written in hexadecimal.
struct Piece {
  std::string bytes;

  friend std::ostream& operator<<(std::ostream& out, const Piece& piece);
};
std::string Joined(const std::vector<Piece>& pieces);

struct Seeds {
  uint64_t first = 1;
  uint64_t count;
};

// From the environment, by default `count` from 1 on, and a twentieth of that under a sanitizer.
Seeds ChosenSeeds(uint64_t count);
int ChosenReplays();

// What is printed about a history that fails; the numbers are of steps.
struct FailedHistory {
  uint64_t seed = 0;
  std::string fault;
  size_t all = 0;
  std::vector<std::string> shortest;
  std::string shortest_fault;
  int replays = 0;
  bool is_minimal = false;
};
std::string TextOf(const FailedHistory& failed);

template <typename Step>
using PlayHistory =
    std::function<void(uint64_t seed, const std::vector<Step>& steps, const Failures& failures)>;

// Plays one history. Returns nothing if no assertion fails, and else a text about that.
template <typename Step>
std::string TextIfFails(uint64_t seed, const std::vector<Step>& steps,
                        const PlayHistory<Step>& play, int most_replays = kMostReplays) {
  FailedHistory failed;
  failed.seed = seed;
  failed.all = steps.size();
  std::string place;
  {
    const Failures failures;
    play(seed, steps, failures);
    if (!failures.any()) return "";
    failed.fault = failures.First();
    place = failures.Place();
  }
  // Fewer steps might fail for another reason.
  const auto fault_of = [&](const std::vector<Step>& some) {
    const Failures failures;
    play(seed, some, failures);
    return failures.Place() == place ? failures.First() : "";
  };
  const Shrunk<Step> shrunk = Shrink<Step>(steps, fault_of, most_replays);
  for (const Step& step : shrunk.steps) {
    std::ostringstream line;
    line << step;
    failed.shortest.push_back(line.str());
  }
  failed.shortest_fault = shrunk.fault;
  failed.replays = shrunk.replays;
  failed.is_minimal = shrunk.is_minimal;
  return TextOf(failed);
}

// Plays the chosen histories, until one fails; `make_steps` makes that of a seed. Returns which
// ones it played.
template <typename Step>
Seeds PlayHistories(uint64_t count, const std::function<std::vector<Step>(uint64_t)>& make_steps,
                    const PlayHistory<Step>& play) {
  const Seeds seeds = ChosenSeeds(count);
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const std::string text = TextIfFails<Step>(seed, make_steps(seed), play, ChosenReplays());
    if (text.empty()) continue;
    ADD_FAILURE() << text;
    break;
  }
  return seeds;
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_HISTORIES_H_

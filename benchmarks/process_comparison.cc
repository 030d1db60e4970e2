#include "benchmarks/process_comparison.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace cpuagg::benchmarks {
namespace {

pid_t Start(const Words& words, const std::string& output) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  // Warnings that the files are old.
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) Fail(absl::StrCat(words[0], " cannot be run; tools/setup.sh installs it"));
  return pid;
}

}  // namespace

void Fail(const std::string& what) {
  std::fprintf(stderr, "peers: %s\n", what.c_str());
  std::exit(1);
}

double Run(const Words& words, const std::string& output) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = Start(words, output);
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) {
    Fail(absl::StrCat(absl::StrJoin(words, " "), " failed"));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double PeakMebibytes(const Words& words) {
  const pid_t pid = Start(words, "/dev/null");
  double peak = 0;
  for (int status; waitpid(pid, &status, WNOHANG) == 0; usleep(1000)) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
    for (std::string line; std::getline(file, line);) {
      double kib;
      if (std::sscanf(line.c_str(), "RssAnon: %lf", &kib) == 1) peak = std::max(peak, kib / 1024);
    }
  }
  return peak;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void PrintHead() {
  std::printf("\n| measure | median | range | bound | medians |\n|---|---|---|---|---|\n");
  std::fflush(stdout);
}

void Measure(const Comparison& comparison, int rounds) {
  std::vector<double> ratios;
  std::vector<double> whats;
  std::vector<double> pers;
  const auto run_what = [&] {
    if (!comparison.prepare.empty()) Run(comparison.prepare);
    return Run(comparison.what);
  };
  run_what();
  Run(comparison.per);
  for (int i = 0; i < std::min(rounds, comparison.most_rounds); ++i) {
    whats.push_back(run_what());
    pers.push_back(Run(comparison.per));
    ratios.push_back(whats.back() / pers.back() / comparison.size);
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("| %s | %.3g | %.3g – %.3g | %s | %.0f ms, %.0f ms |\n", comparison.name.c_str(),
              Median(whats) / Median(pers) / comparison.size, *least, *most, comparison.bound,
              Median(whats) * 1e3, Median(pers) * 1e3);
  std::fflush(stdout);
}

}  // namespace cpuagg::benchmarks

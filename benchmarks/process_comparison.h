// Times whole processes in turns, and prints a table of ratios.
//
//   Measure({"`report` ÷ floor", {"tools/cpuagg", "report", file}, {"floor", file}, "≤ 1.15"}, 15);

#ifndef CPUAGG_BENCHMARKS_PROCESS_COMPARISON_H_
#define CPUAGG_BENCHMARKS_PROCESS_COMPARISON_H_

#include <string>
#include <vector>

namespace cpuagg::benchmarks {

using Words = std::vector<std::string>;

// Ends the benchmark with a message and status 1.
[[noreturn]] void Fail(const std::string& what);

// Runs a program with its output in `output`, and returns its run time in seconds. Fails unless the
// program ends with status 0.
double Run(const Words& words, const std::string& output = "/dev/null");

// Runs a program and returns its peak memory without mapped files, in MiB, sampled every
// millisecond.
double PeakMebibytes(const Words& words);

double Median(std::vector<double> values);

// Prints the head of the table.
void PrintHead();

// A line of the table: how many times as long as `per` `what` takes. The ratio should be at most
// (or at least) `bound`.
struct Comparison {
  std::string name;
  Words what;
  Words per;
  const char* bound;
  int most_rounds = 1000;
  // Divides the ratio, for files with this many times as many records.
  double size = 1;
  // Runs before each run of `what`, and is not measured.
  Words prepare = {};
};

// Runs both programs once, then `rounds` times in turns, and prints the line.
void Measure(const Comparison& comparison, int rounds);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_PROCESS_COMPARISON_H_

// The files of `peers`, and the commands that read them.

#ifndef CPUAGG_BENCHMARKS_PEER_FILES_H_
#define CPUAGG_BENCHMARKS_PEER_FILES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "benchmarks/history_file.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {

// Names come from a file, because the speed of a directory service is not compared.
inline constexpr char kCpuagg[] = "tools/cpuagg";
inline constexpr char kPasswd[] = "testdata/lab/passwd";

class PeerFiles {
 public:
  // Writes to `directory`, files of `records` records.
  PeerFiles(std::string directory, uint64_t records)
      : directory_(std::move(directory)), records_(records) {}

  const std::string& directory() const { return directory_; }
  uint64_t records() const { return records_; }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  // Makes a file, if it is not there.
  void Write(const std::string& name, const HistoryShape& shape) const;
  void Compress(const std::string& name, const char* program, const char* ending) const;
  // Makes the folder `name` of the records of the file `whole`, in so many generations.
  void WriteGenerations(const std::string& name, const std::string& whole, int count) const;

  Words Report(const std::string& name, const Words& flags = {}) const;
  // `collect` of the accounting file `name` into the store `store`.
  Words Collect(const std::string& store, const std::string& name) const;
  static Words Csv(const std::string& path);
  // `floor` reads or maps the file `name`.
  Words Floor(const char* how, int threads, const std::string& name = "base") const;

  // Fails unless the programs print the same lines, in any order if `sorted`.
  void Same(const Words& a, const Words& b, bool sorted = false) const;
  int64_t LinesOf(const Words& words) const;

 private:
  std::string OutputOf(const Words& words, bool sorted) const;

  std::string directory_;
  uint64_t records_;
};

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_PEER_FILES_H_

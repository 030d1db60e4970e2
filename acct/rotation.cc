#include "acct/rotation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::acct {
namespace {

// Opens what exists of `paths`, which are newest first.
absl::StatusOr<std::vector<OpenGeneration>> OpenAll(const std::vector<std::string>& paths) {
  std::vector<OpenGeneration> generations;
  for (const std::string& path : paths) {
    absl::StatusOr<File> file = File::OpenForReading(path);
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) return file.status();
    absl::StatusOr<struct stat> info = file->Stat();
    if (!info.ok()) return info.status();
    if (!S_ISREG(info->st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": is not a regular file; accounting is collected from a file that can be reread"));
    }
    generations.push_back({.file = *std::move(file),
                           .size = static_cast<uint64_t>(info->st_size),
                           .device = info->st_dev,
                           .inode = info->st_ino});
  }
  return generations;
}

bool AreDistinct(const std::vector<OpenGeneration>& generations) {
  for (size_t i = 0; i < generations.size(); ++i) {
    for (size_t j = i + 1; j < generations.size(); ++j) {
      if (generations[i].device == generations[j].device &&
          generations[i].inode == generations[j].inode) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<OpenGeneration>> OpenGenerations(const std::string& path) {
  const std::vector<std::string> paths = {path, absl::StrCat(path, ".0")};
  // A file renamed between two opens is found under both names, or under neither; what is found
  // twice is looked for again. What is found under neither is there at the next run.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<std::vector<OpenGeneration>> generations = OpenAll(paths);
    if (!generations.ok()) return generations.status();
    if (generations->empty()) {
      return absl::NotFoundError(absl::StrCat(
          path,
          ": no such file; is process accounting on (package acct, `accton`)? Another place "
          "is given with --accounting-file"));
    }
    if (AreDistinct(*generations)) return generations;
  }
  return absl::UnavailableError(
      absl::StrCat(path, ": is renamed faster than it can be opened; run again"));
}

absl::StatusOr<std::vector<KnownGeneration>> Recognise(
    const std::vector<OpenGeneration>& generations, const std::vector<Cursor>& cursors) {
  std::vector<KnownGeneration> known;
  known.reserve(generations.size());
  for (const OpenGeneration& generation : generations) known.push_back({.size = generation.size});
  for (size_t c = 0; c < cursors.size(); ++c) {
    std::optional<size_t> best;
    for (size_t g = 0; g < generations.size(); ++g) {
      if (known[g].cursor.has_value() || generations[g].size < cursors[c].offset) continue;
      const absl::StatusOr<bool> continues = Continues(generations[g].file, cursors[c]);
      if (!continues.ok()) return continues.status();
      if (!*continues) continue;
      best = g;
      if (generations[g].device == cursors[c].device && generations[g].inode == cursors[c].inode) {
        break;
      }
    }
    if (best.has_value()) known[*best].cursor = c;
  }
  return known;
}

}  // namespace cpuagg::acct

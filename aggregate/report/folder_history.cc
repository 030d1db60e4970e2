#include "aggregate/report/folder_history.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/directory_files.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::aggregate {
namespace {

using Inodes = absl::flat_hash_set<std::pair<uint64_t, uint64_t>>;

// An empty listing if there is nothing. If `path` is a link, the generations beside its target are
// not in the folder.
absl::StatusOr<acct::GenerationListing> List(const std::string& path, const Inodes& known) {
  absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(
      {.path = path, .only_own_folder = true, .passes_over_unreadable = true, .known = known}, {});
  if (absl::IsNotFound(listing.status())) return acct::GenerationListing();
  return listing;
}

// "; acc/web1 has some ...": the first of the folders in `prefix` that has accounting files, as
// where each host has a folder; empty if none has.
std::string FoldersWithFiles(const std::string& prefix) {
  std::vector<std::string> with_files;
  for (const std::string& name : acct::NamesIn(prefix).value_or(std::vector<std::string>())) {
    const std::string folder = absl::StrCat(prefix, name, "/");
    std::error_code ignored;
    if (absl::StartsWith(name, ".") || !std::filesystem::is_directory(folder, ignored)) continue;
    const absl::StatusOr<acct::GenerationListing> usual = List(folder + "pacct", {});
    if (usual.ok() && !usual->generations.empty()) with_files.push_back(name);
  }
  if (with_files.empty()) return "";
  const std::string& first = with_files.front();
  return absl::StrCat(
      "; ", prefix, first, " has some",
      with_files.size() == 1 ? "" : absl::StrCat(" (and ", with_files.size() - 1, " more)"),
      ": name that, or for a report of several hosts HOST=FILE: cpuagg report ", first, "=", prefix,
      first);
}

}  // namespace

absl::StatusOr<History> FindInFolder(const std::string& folder, const History& known) {
  Inodes opened(known.inodes.begin(), known.inodes.end());
  const std::string prefix = absl::EndsWith(folder, "/") ? folder : folder + "/";
  absl::StatusOr<acct::GenerationListing> usual = List(prefix + "pacct", opened);
  if (!usual.ok()) return usual.status();
  for (const acct::Generation& generation : usual->generations) {
    opened.insert({generation.device, generation.inode});
  }
  absl::StatusOr<acct::GenerationListing> all = List(prefix, opened);
  if (!all.ok()) return all.status();

  History history;
  absl::flat_hash_set<std::string> paths;
  Inodes inodes;
  const auto add = [&](const acct::Generation& generation) {
    const std::pair<uint64_t, uint64_t> inode = {generation.device, generation.inode};
    if (!inodes.insert(inode).second) return;
    paths.insert(generation.path);
    history.paths.push_back(generation.path);
    history.inodes.push_back(inode);
  };
  for (const acct::Generation& generation : usual->generations) add(generation);
  for (const acct::Generation& generation : all->generations) {
    if (generation.size > 0) {
      add(generation);
    } else {
      all->passed_over.push_back({.path = generation.path, .why = "is empty"});
    }
  }
  for (acct::GenerationListing* listing : {&*usual, &*all}) {
    for (acct::PassedOver& other : listing->passed_over) {
      if (paths.insert(other.path).second) history.passed_over.push_back(std::move(other));
    }
  }
  std::sort(history.passed_over.begin(), history.passed_over.end(),
            [](const acct::PassedOver& a, const acct::PassedOver& b) { return a.path < b.path; });
  if (history.paths.empty()) {
    for (const acct::PassedOver& other : history.passed_over) {
      if (!other.is_unreadable) continue;
      return absl::FailedPreconditionError(absl::StrCat(other.path, ": ", other.why));
    }
    return absl::NotFoundError(absl::StrCat(
        folder, ": there are no accounting files in this folder", FoldersWithFiles(prefix)));
  }
  std::reverse(history.paths.begin(), history.paths.end());
  std::reverse(history.inodes.begin(), history.inodes.end());
  return history;
}

}  // namespace cpuagg::aggregate

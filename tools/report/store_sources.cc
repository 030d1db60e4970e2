#include "tools/report/store_sources.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/directory_files.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/words/text.h"
#include "tools/report/chosen_hosts.h"

namespace cpuagg::tools {
namespace {

namespace fs = std::filesystem;

// The folder that file systems have for what fsck(8) finds; only root may read it.
constexpr char kLostAndFound[] = "lost+found";

// Also if that cannot be known: then the report has the error.
bool MayBeStore(const std::string& directory) {
  return aggregate::SnapshotStore(directory).Exists().value_or(true);
}

// Adds the stores in `folder`, and what else is in it.
absl::Status AddStoresIn(const std::string& folder, StoreSources& sources) {
  const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(folder);
  if (!names.ok()) return names.status();
  const std::string prefix = absl::EndsWith(folder, "/") ? folder : folder + "/";
  for (const std::string& name : *names) {
    if (absl::StartsWith(name, ".") || name == kLostAndFound) continue;
    const std::string path = prefix + name;
    std::error_code failed;
    // A link to nothing may be one to a host that is not mounted.
    const bool leads_nowhere = fs::is_symlink(path, failed) && !fs::exists(path, failed) && !failed;
    if (leads_nowhere) {
      sources.passed_over.push_back(absl::StrCat(path, ": is a link to nothing"));
      continue;
    }
    const bool is_folder = fs::is_directory(path, failed);
    if (failed || !is_folder) continue;
    if (MayBeStore(path)) {
      sources.directories.push_back(path);
    } else {
      sources.passed_over.push_back(absl::StrCat(path, ": there is no store in it"));
    }
  }
  return absl::OkStatus();
}

// Keeps the first of directories that are the same.
void DropRepeated(StoreSources& sources) {
  std::map<fs::path, std::string> seen;
  std::vector<std::string> kept;
  for (std::string& directory : sources.directories) {
    std::error_code failed;
    fs::path real = fs::canonical(directory, failed);
    const auto [place, is_new] =
        seen.try_emplace(failed ? fs::path(directory) : std::move(real), directory);
    if (is_new) {
      kept.push_back(std::move(directory));
    } else {
      sources.warnings.push_back(
          directory == place->second
              ? absl::StrCat(directory, ": is named more than once, and counts once")
              : absl::StrCat(directory, ": is the same store as ", place->second,
                             ", and counts once"));
    }
  }
  sources.directories = std::move(kept);
}

absl::Status NoStores(const std::vector<std::string>& named,
                      const std::vector<std::string>& passed_over) {
  return absl::NotFoundError(absl::StrCat(
      FirstOf(named), ": there is no store here, and none in its folders",
      passed_over.empty()
          ? ""
          : absl::StrCat(" (", notify::Pluralize(passed_over.size(), "folder"), " without one)"),
      "; name a store, or a folder that has a copy of the store of each host, such as `rsync -a "
      "HOST:/var/lib/cpuagg/ ",
      named.size() == 1 ? named[0] : "FOLDER", "/HOST/` makes"));
}

// "200 stores in /srv/cpuagg"; "the stores a and b" if they are named themselves.
std::string StoresText(const std::vector<std::string>& named,
                       const std::vector<aggregate::HostStore>& stores) {
  std::vector<std::string> read;
  read.reserve(stores.size());
  for (const aggregate::HostStore& store : stores) read.push_back(store.directory);
  if (read.size() == 1) return absl::StrCat("the store ", read[0]);
  const bool are_named = std::all_of(read.begin(), read.end(), [&](const std::string& directory) {
    return std::find(named.begin(), named.end(), directory) != named.end();
  });
  if (are_named) return absl::StrCat("the stores ", FirstOf(read));
  return absl::StrCat(notify::Pluralize(read.size(), "store"), " in ", FirstOf(named));
}

std::vector<std::string> NamedStores(const CommandContext& context) {
  return context.flags.stores.empty() ? std::vector<std::string>{context.StoreDirectory()}
                                      : context.flags.stores;
}

}  // namespace

absl::StatusOr<StoreSources> FindStores(const CommandContext& context) {
  const std::vector<std::string> named = NamedStores(context);
  StoreSources sources;
  for (const std::string& directory : named) {
    const absl::StatusOr<bool> is_store = aggregate::SnapshotStore(directory).Exists();
    if (!is_store.ok()) return is_store.status();
    if (*is_store) {
      sources.directories.push_back(directory);
      continue;
    }
    sources.is_single = false;
    const size_t before = sources.directories.size();
    if (absl::Status status = AddStoresIn(directory, sources); !status.ok()) return status;
    if (sources.directories.size() > before) continue;
    // The report of a single store has its own words for one that is missing.
    if (named.size() == 1 && sources.passed_over.empty()) {
      return StoreSources{.directories = named};
    }
    return NoStores({directory}, sources.passed_over);
  }
  sources.is_single &= named.size() == 1;
  DropRepeated(sources);
  return sources;
}

absl::StatusOr<aggregate::StoresReport> BuildStoresReport(CommandContext& context,
                                                          const ReportRequest& request,
                                                          const StoreSources& sources) {
  for (const std::string& warning : sources.warnings) context.console.Warn(warning);
  std::unique_ptr<aggregate::UserDirectory> names;
  aggregate::StoreOptions from{.now = context.now};
  if (context.flags.passwd.has_value()) {
    absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> loaded =
        context.UserNames(kNamesOfReports);
    if (!loaded.ok()) return loaded.status();
    names = *std::move(loaded);
    from.names = names.get();
  }
  std::vector<std::string> problems;
  std::vector<aggregate::HostStore> stores =
      aggregate::NameHosts(sources.directories, context.Threads(), problems);
  if (stores.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("none of the stores can be read: ", FirstOf(problems)));
  }
  std::vector<std::string> hosts;
  for (const aggregate::HostStore& store : stores) {
    hosts.push_back(store.host);
    if (store.recorded.empty()) continue;
    context.console.Warn(
        absl::StrCat(store.directory, ": says that it is of ", notify::Printable(store.recorded),
                     ", as another store does; it is called ", notify::Printable(store.host),
                     " here; HOST_NAME in the settings of a machine gives it another name"));
  }
  const absl::StatusOr<std::vector<size_t>> chosen = ChosenHosts(context.flags.host, hosts);
  if (!chosen.ok()) return chosen.status();
  std::vector<aggregate::HostStore> read;
  for (const size_t i : *chosen) read.push_back(std::move(stores[i]));
  absl::StatusOr<aggregate::StoresReport> result = aggregate::ReportFromStores(
      read, request.period, context.zone, from, request.options, context.Threads());
  if (!result.ok()) return result.status();
  aggregate::Report& report = result->report;
  for (std::string& problem : problems) {
    report.unread.push_back(problem);
    report.has_unreadable = true;
    result->damage.push_back(std::move(problem));
  }
  report.unread.insert(report.unread.end(), sources.passed_over.begin(), sources.passed_over.end());
  FillHeading(context, request, report);
  report.source = StoresText(NamedStores(context), read);
  return result;
}

}  // namespace cpuagg::tools

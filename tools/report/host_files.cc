#include "tools/report/host_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "acct/io/open_source.h"
#include "acct/io/progress.h"
#include "acct/io/start_thread.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/input_set.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/file_report.h"
#include "aggregate/report/history.h"
#include "aggregate/report/host_rows.h"
#include "tools/report/accounting_history.h"
#include "tools/report/chosen_hosts.h"
#include "tools/report/host_argument.h"
#include "tools/report/unknown_names.h"
#include "tools/terminal/progress_bar.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;

// A file, and the argument that names it or its folder.
struct NamedFile {
  std::string path;
  const std::string* argument;
};

// Folders stand for the files in them. One that cannot be listed is an error when it is read.
std::vector<NamedFile> FilesOf(const HostFiles& host) {
  std::vector<NamedFile> files;
  for (const std::string& argument : host.files) {
    if (!NamesFolder({argument})) {
      files.push_back({argument, &argument});
      continue;
    }
    const absl::StatusOr<aggregate::History> found = FindNamed({argument});
    if (!found.ok()) continue;
    for (const std::string& path : found->paths) files.push_back({path, &argument});
  }
  return files;
}

// Fails if one file is of two hosts: its records would count twice.
absl::Status CheckFilesDiffer(const std::vector<HostFiles>& hosts) {
  std::map<std::pair<uint64_t, uint64_t>, const HostFiles*> seen;
  std::map<std::string, const HostFiles*> streams;
  for (const HostFiles& host : hosts) {
    for (const auto& [path, argument] : FilesOf(host)) {
      struct stat info;
      const HostFiles* first = &host;
      if (path == "-") {
        first = streams.try_emplace(path, &host).first->second;
      } else if (stat(path.c_str(), &info) == 0) {
        first = seen.try_emplace({info.st_dev, info.st_ino}, &host).first->second;
      }
      if (first == &host) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          host.host, "=", acct::DisplayName(*argument), ": ",
          path == *argument ? "the same file is named for "
                            : absl::StrCat("has ", path, ", and the same file is named for "),
          first->host, ", and its records would count twice; leave one out"));
    }
  }
  return absl::OkStatus();
}

// A host and the files that are read of it.
struct HostHistory {
  HostFiles named;
  aggregate::History history;
  std::string source;
};

absl::StatusOr<HostHistory> HistoryOf(HostFiles host) {
  absl::StatusOr<aggregate::History> history = FindNamed(host.files);
  if (!history.ok()) return history.status();
  std::string source = absl::StrJoin(
      host.files, ", ",
      [](std::string* text, const std::string& file) { text->append(acct::DisplayName(file)); });
  return HostHistory{
      .named = std::move(host), .history = *std::move(history), .source = std::move(source)};
}

// An error of reading with the host that it is of. What is wrong on the command line is of all.
absl::Status OfHost(const std::string& host, const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) return status;
  return absl::Status(status.code(), absl::StrCat(host, ": ", status.message()));
}

// What is read of all hosts; the workers share it.
class Reading {
 public:
  Reading(CommandContext& context, const ReportRequest& request, aggregate::UserDirectory& names)
      : context_(context), request_(request), names_(names), rows_(request.options) {}

  void Read(HostHistory& host, const aggregate::FileOptions& files) {
    for (int i = 0; i < kHistoryTries; ++i) {
      absl::StatusOr<aggregate::FileRows> read = aggregate::ReadFileRows(
          host.history.paths, request_.period, context_.zone, request_.options, files);
      if (NamesFolder(host.named.files)) {
        absl::StatusOr<aggregate::History> now = FindNamed(host.named.files, host.history);
        if (!now.ok()) return Fail(OfHost(host.named.host, now.status()));
        if (!host.history.IsSameAs(*now)) {
          if (!CanBeReadAgain(host.history)) break;
          host.history = *std::move(now);
          continue;
        }
      }
      if (!read.ok()) return Fail(OfHost(host.named.host, read.status()));
      return Add(host, *std::move(read));
    }
    Fail(OfHost(host.named.host, RotatedWhileRead(host.source)));
  }

  absl::StatusOr<Report> Finish() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!status_.ok()) return status_;
    Report report;
    aggregate::JoinHosts(std::move(parts_), request_.period, context_.now, report);
    rows_.Finish(report);
    if (!NamesDecide(request_.options)) FillInNames(request_.options.by, names_, report.rows);
    return report;
  }

 private:
  void Fail(const absl::Status& status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    status_.Update(status);
  }

  void Add(const HostHistory& host, aggregate::FileRows read) {
    aggregate::HostReport part = {.state = {.name = host.named.host, .source = host.source},
                                  .report = std::move(read.report)};
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const acct::PassedOver& other : host.history.passed_over) {
      part.report.has_unreadable |= other.is_unreadable;
      if (other.has_usual_name || other.is_unreadable) {
        part.report.unread.push_back(absl::StrCat(other.path, ": ", other.why));
      } else {
        WarnOfPassedOver(other, context_.console);
      }
    }
    if (NamesDecide(request_.options)) {
      const aggregate::Grouping by = GroupingFor(request_.options);
      FillInNames(by, names_, read.rows);
      FillInNames(by, names_, read.other_rows);
      if (read.previous_rows.has_value()) FillInNames(by, names_, *read.previous_rows);
    }
    rows_.Add(host.named.host, std::move(read.rows), std::move(read.previous_rows),
              read.other_rows);
    parts_.push_back(std::move(part));
  }

  CommandContext& context_;
  const ReportRequest& request_;
  aggregate::UserDirectory& names_;
  // Of what follows. Not absl::Mutex, whose library ThreadSanitizer does not see.
  std::mutex mutex_;
  aggregate::HostRows rows_;
  std::vector<aggregate::HostReport> parts_;
  absl::Status status_;
};

// One directory has the names of all hosts.
void WarnOfNames(CommandContext& context, const std::vector<HostHistory>& hosts) {
  if (context.flags.passwd.has_value()) return;
  if (std::all_of(hosts.begin(), hosts.end(),
                  [&](const HostHistory& host) { return host.named.host == context.HostName(); })) {
    return;
  }
  context.console.Warn(
      "user names are those of this machine, for all hosts; if a host has other accounts, name a "
      "copy of its /etc/passwd with --passwd, and choose it with --host");
}

}  // namespace

absl::StatusOr<std::vector<HostFiles>> FindHostFiles(const std::vector<std::string>& arguments,
                                                     const std::optional<std::string>& asked) {
  std::vector<HostFiles> hosts;
  std::optional<std::string> nameless;
  for (const std::string& argument : arguments) {
    const size_t end = EndOfHost(argument);
    if (end == std::string::npos) {
      if (!nameless.has_value()) nameless = argument;
      continue;
    }
    const std::string host = argument.substr(0, end);
    const std::string file = argument.substr(end + 1);
    if (host.empty() || file.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          argument, ": ", host.empty() ? "names no host before" : "names no file after",
          " the '='; write HOST=FILE, or ./", argument, " for a file of that name"));
    }
    if (host.find(',') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          argument,
          ": the name of a host has no comma, since --host takes several names with one "
          "between them; name one host, or write ./",
          argument, " for a file of that name"));
    }
    const auto known = std::find_if(hosts.begin(), hosts.end(),
                                    [&](const HostFiles& each) { return each.host == host; });
    if (known != hosts.end()) {
      known->files.push_back(file);
    } else {
      hosts.push_back({.host = host, .files = {file}});
    }
  }
  if (hosts.empty()) return hosts;
  if (nameless.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(acct::DisplayName(*nameless),
                     ": of which host is it? Others are named as HOST=FILE; name a host for each "
                     "file, or for none"));
  }
  if (absl::Status status = CheckFilesDiffer(hosts); !status.ok()) return status;
  std::vector<std::string> host_names;
  host_names.reserve(hosts.size());
  for (const HostFiles& host : hosts) host_names.push_back(host.host);
  const absl::StatusOr<std::vector<size_t>> chosen = ChosenHosts(asked, host_names);
  if (!chosen.ok()) return chosen.status();
  std::vector<HostFiles> found;
  for (const size_t i : *chosen) found.push_back(std::move(hosts[i]));
  return found;
}

absl::StatusOr<Report> ReportFromHostFiles(CommandContext& context, const ReportRequest& request,
                                           std::vector<HostFiles> hosts) {
  std::vector<HostHistory> histories;
  std::vector<std::string> paths;
  std::vector<std::string> sources;
  for (HostFiles& host : hosts) {
    const std::string name = host.host;
    absl::StatusOr<HostHistory> history = HistoryOf(std::move(host));
    if (!history.ok()) return OfHost(name, history.status());
    paths.insert(paths.end(), history->history.paths.begin(), history->history.paths.end());
    sources.push_back(absl::StrCat(history->named.host, "=", history->source));
    histories.push_back(*std::move(history));
  }
  WarnOfNames(context, histories);
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesOfReports);
  if (!names.ok()) return names.status();
  acct::Progress progress;
  std::optional<ProgressBar> bar;
  progress.Expect(acct::BytesToRead(paths));
  if (context.console.ShowsProgress()) bar.emplace(sources, progress);
  // Hosts are read at once, as many as there are threads, or one by all of them.
  const size_t threads = context.Threads();
  Reading reading(context, request, **names);
  acct::ForEachInParallel(histories.size(), threads, [&](size_t i) {
    reading.Read(histories[i], {.threads = std::max<size_t>(1, threads / histories.size()),
                                .format = context.FileFormat(),
                                .progress = &progress});
  });
  bar.reset();
  absl::StatusOr<Report> report = reading.Finish();
  WarnOfUnknownNames(**names, context.console);
  if (!report.ok()) return report.status();
  FillHeading(context, request, *report);
  report->source = FirstOf(sources);
  return report;
}

}  // namespace cpuagg::tools

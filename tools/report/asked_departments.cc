#include "tools/report/asked_departments.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "notify/words/text.h"

namespace cpuagg::tools {

using aggregate::Departments;
using aggregate::Dimension;

absl::StatusOr<Departments> AskedDepartments(const CommandContext& context,
                                             const aggregate::Grouping& by) {
  const std::optional<std::string>& path = context.flags.group_file;
  const bool by_department = Has(by, Dimension::kDepartment);
  if (!path.has_value()) {
    if (!by_department) return Departments();
    return absl::InvalidArgumentError(
        "--by: department needs --group-file FILE, which has a line for each user: alice Physics");
  }
  if (!by_department) {
    return absl::InvalidArgumentError(
        "--group-file: has no effect without --by department; add that, or leave the file out");
  }
  // The error of opening it would ask for an accounting file.
  std::error_code ignored;
  const std::filesystem::file_status file = std::filesystem::status(*path, ignored);
  if (std::filesystem::is_directory(file) || std::filesystem::is_socket(file)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--group-file: ", *path, ": is a ",
                     std::filesystem::is_socket(file) ? "socket" : "directory",
                     "; name a file with a user and a department in each line"));
  }
  absl::StatusOr<Departments> departments = Departments::Load(*path);
  if (departments.ok()) return departments;
  return absl::Status(departments.status().code(),
                      absl::StrCat("--group-file: ", departments.status().message()));
}

void WarnOfNoDepartment(const aggregate::Report& report, const Departments& departments,
                        CommandContext& context) {
  if (!Has(report.by, Dimension::kDepartment) || report.rows.empty() ||
      report.remaining_rows.rows > 0 ||
      std::any_of(report.rows.begin(), report.rows.end(),
                  [](const aggregate::ReportRow& row) { return row.department.has_value(); })) {
    return;
  }
  context.console.Warn(absl::StrCat("--group-file: no user of this report is among the ",
                                    notify::Pluralize(departments.size(), "user"), " of ",
                                    *context.flags.group_file,
                                    "; a line begins with the user: alice Physics"));
}

}  // namespace cpuagg::tools

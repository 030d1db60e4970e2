// Departments: who belongs to which department, by a file that the administrator writes.
//
//   # user    department
//   alice     Physics
//   1004      Physics
//   "bob","Computer Science"
//
// A line has a user's name or id, then blanks, a comma or a colon, then the department up to the
// end of the line. Either may be in double quotes, as in CSV. What follows a '#' at the beginning
// of a line or after a blank is a comment. The first line may be a header: user and department.
// A number is a name if a user has it for one, else an id.

#ifndef CPUAGG_AGGREGATE_NAMES_DEPARTMENTS_H_
#define CPUAGG_AGGREGATE_NAMES_DEPARTMENTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

class Departments {
 public:
  // `path` may be a pipe. NotFound and so on if it cannot be read; otherwise as Parse().
  static absl::StatusOr<Departments> Load(const std::string& path);

  // `name` is that of the file. InvalidArgument, with the line and what to write instead, if a line
  // has no department, if a user is in two departments, or if nobody is in any.
  static absl::StatusOr<Departments> Parse(absl::string_view content, absl::string_view name);

  // The department of the line with this name, else of the line with this id, unless one of the
  // users `named` has that number for a name, as for chown(1); nullopt without one.
  std::optional<std::string> Of(acct::Uid uid, const std::optional<std::string>& name,
                                const absl::flat_hash_set<std::string>& named = {}) const;

  // The users of the lines, in the order of their names.
  std::vector<std::string> Users() const;
  // The departments, each once, in the order of their names.
  std::vector<std::string> Names() const;

  // The number of users that have one.
  size_t size() const { return lines_.size(); }

 private:
  struct Line {
    std::string department;
    size_t number = 0;
  };

  absl::flat_hash_map<std::string, Line> lines_;  // by the name, or the id in digits
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_NAMES_DEPARTMENTS_H_

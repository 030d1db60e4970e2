// UnmatchedFinder: finds requested names that match nothing. A report shows nothing of a user or
// command that did not run, and nothing of one that is misspelt. So the report says which names
// matched nothing, and which names are similar.
//
//   UnmatchedFinder finder({"alcie"}, {}, {"python"});
//   finder.Add(acct::Uid(1001), "alice", "python3", 91);
//   finder.Found()  // "alcie", near "alice"; "python", near "python*" with 91 processes

#ifndef CPUAGG_AGGREGATE_REPORT_UNMATCHED_H_
#define CPUAGG_AGGREGATE_REPORT_UNMATCHED_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acct/record/units.h"

namespace cpuagg::aggregate {

struct Unmatched {
  enum class Kind { kUser, kIgnoredUser, kCommand, kListedUser };
  Kind kind = Kind::kUser;  // kListedUser: in the list of departments
  std::string asked;

  // For a user: names with a similar spelling, the nearest first; whether the store has the user at
  // another time; and whether there is an account, if known.
  std::vector<std::string> near_users = {};
  bool is_in_store = false;
  std::optional<bool> has_account = std::nullopt;

  // For a command: a pattern that matches some processes, or the command with the most similar
  // spelling, and its number of processes. Empty if there is none.
  std::string near_pattern = {};
  uint64_t near_processes = 0;
  // Only the requested users were searched. The command matches this many processes of others.
  bool is_of_some_users = false;
  uint64_t processes_of_others = 0;
  // Some commands are not known by name and might match.
  bool has_unnamed_commands = false;

  friend bool operator==(const Unmatched&, const Unmatched&) = default;
};

// Takes users and commands one by one. Needs little memory however many there are.
class UnmatchedFinder {
 public:
  UnmatchedFinder(const std::vector<std::string>& users,
                  const std::vector<std::string>& ignored_users,
                  const std::vector<std::string>& commands);

  // Adds `processes` processes of this user and command; nullopt for a command without a known
  // name.
  void Add(acct::Uid uid, const std::optional<std::string>& name,
           const std::optional<std::string>& command, uint64_t processes);

  // Whether some name has not been matched yet. Otherwise Add() changes nothing.
  bool IsLooking() const;

  // The unmatched users, ignored users and commands, each in the order in which they were
  // requested.
  std::vector<Unmatched> Found() const;

 private:
  struct User {
    Unmatched::Kind kind;
    std::string asked;
    bool is_found = false;
    std::vector<std::pair<size_t, std::string>> near = {};  // with their distances
  };
  // A requested pattern, and others that may have been meant, the nearest first.
  struct Command {
    std::string asked;
    bool is_found = false;
    uint64_t processes_of_others = 0;
    std::vector<std::pair<std::string, uint64_t>> near = {};
    // A command that differs only in upper or lower case, and its number of processes.
    std::pair<std::string, uint64_t> other_case = {};
    // The command with the smallest edit distance, if any is near.
    std::pair<std::string, uint64_t> misspelt = {};
    size_t distance = std::numeric_limits<size_t>::max();  // of that
  };

  void AddCommand(const std::string& text, bool is_chosen, bool is_ignored, uint64_t processes);

  std::vector<User> users_;
  std::vector<Command> commands_;
  bool chooses_users_;
  bool has_unnamed_commands_ = false;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_UNMATCHED_H_

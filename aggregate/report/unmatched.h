// What was asked for by name and matches nothing. A user or a command that did not run and one that
// is misspelt look alike in a report: nothing is shown of either. So the report says which of them
// matched nothing, and what is near.
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
  enum class Kind { kUser, kIgnoredUser, kCommand };
  Kind kind = Kind::kUser;
  std::string asked;

  // Of a user: names that are written nearly so, the nearest first; whether the store has the user
  // at another time; and whether there is an account, as far as that is known.
  std::vector<std::string> near_users = {};
  bool is_in_store = false;
  std::optional<bool> has_account = std::nullopt;

  // Of a command: a pattern that matches some processes, or the command that is written most nearly
  // so, and how many processes that are; empty if there is none.
  std::string near_pattern = {};
  uint64_t near_processes = 0;
  // Only the users that were asked for have been looked at, and of so many processes of others the
  // command matches.
  bool is_of_some_users = false;
  uint64_t processes_of_others = 0;
  // Some commands are not known by name, and may match.
  bool has_unnamed_commands = false;

  friend bool operator==(const Unmatched&, const Unmatched&) = default;
};

// Takes users and commands one by one, in little memory however many they are.
class UnmatchedFinder {
 public:
  UnmatchedFinder(const std::vector<std::string>& users,
                  const std::vector<std::string>& ignored_users,
                  const std::vector<std::string>& commands);

  // So many processes of this user and command; nullopt for a command that is not known by name.
  void Add(acct::Uid uid, const std::optional<std::string>& name,
           const std::optional<std::string>& command, uint64_t processes);

  // Whether there is something that nothing has matched yet. Otherwise Add() changes nothing.
  bool IsLooking() const;

  // Users, ignored users and commands, in the order in which they were asked for.
  std::vector<Unmatched> Found() const;

 private:
  struct User {
    Unmatched::Kind kind;
    std::string asked;
    bool is_found = false;
    std::vector<std::pair<size_t, std::string>> near = {};  // with their distances
  };
  // A pattern that was asked for, and others that may have been meant, the nearest first.
  struct Command {
    std::string asked;
    bool is_found = false;
    uint64_t processes_of_others = 0;
    std::vector<std::pair<std::string, uint64_t>> near = {};
    // The same in capital or small letters: a command, and how many processes it has.
    std::pair<std::string, uint64_t> other_case = {};
    // The command whose letters differ least, if any is near.
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

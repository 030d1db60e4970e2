// RowFilter: which users and commands were asked for, of the rows of a report or of records.
//
//   RowFilter filter({.users = {"alice", "1002"}, .commands = {"python*"}});
//   filter.TakesUser(uid, "alice") && filter.TakesCommand("python3")

#ifndef CPUAGG_AGGREGATE_REPORT_ROW_FILTER_H_
#define CPUAGG_AGGREGATE_REPORT_ROW_FILTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// Whether `asked`, a name or an id in digits, is this user.
bool IsUser(absl::string_view asked, acct::Uid uid, const std::optional<std::string>& name);

// Whether the id is one that systems give to services and not to people: below 1000 (UID_MIN of
// login.defs(5)), that of nobody, or one of those that systemd gives to a service while it runs
// (DynamicUser= of systemd.exec(5)).
constexpr bool IsSystemAccount(acct::Uid uid) {
  constexpr uint32_t kFirstOfPeople = 1000;
  constexpr uint32_t kFirstDynamic = 61'184;
  constexpr uint32_t kLastDynamic = 65'519;
  constexpr uint32_t kNobody = 65'534;
  const uint32_t id = uid.value();
  return id < kFirstOfPeople || (id >= kFirstDynamic && id <= kLastDynamic) || id == kNobody;
}

// Whether the shell pattern matches the command (fnmatch(3)). With `ignores_case`, capital and
// small letters are the same.
bool MatchesPattern(const std::string& pattern, const std::string& command,
                    bool ignores_case = false);

class RowFilter {
 public:
  struct Choice {
    // Names, or ids in digits.
    std::vector<std::string> users = {};  // empty: everybody
    std::vector<std::string> ignored_users = {};
    // Users without an account are ignored as well.
    bool ignores_unknown_users = false;
    // So are accounts of the system.
    bool ignores_system_accounts = false;
    // Shell patterns; empty: every command.
    std::vector<std::string> commands = {};
  };
  enum class User {
    kTaken,
    kNotAsked,
    kIgnored,  // asked for, but ignored
  };

  explicit RowFilter(Choice choice) : choice_(std::move(choice)) {}

  // `name` is nullopt for a user without one. If `is_unresolved`, that is only because it is not
  // known yet, so that there may well be an account.
  User ChoiceOf(acct::Uid uid, const std::optional<std::string>& name,
                bool is_unresolved = false) const;
  bool TakesUser(acct::Uid uid, const std::optional<std::string>& name) const {
    return ChoiceOf(uid, name) == User::kTaken;
  }

  // `command` is nullopt for one that is not known, which no pattern matches.
  bool TakesCommand(const std::optional<std::string>& command) const;

  // Whether some users, some commands are not taken.
  bool chooses_users() const {
    return !choice_.users.empty() || !choice_.ignored_users.empty() ||
           choice_.ignores_unknown_users || choice_.ignores_system_accounts;
  }
  bool chooses_commands() const { return !choice_.commands.empty(); }

 private:
  Choice choice_;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_ROW_FILTER_H_
